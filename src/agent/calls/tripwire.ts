/** Puts a tripwire on one synchronous function: each call is timed. */
import { isSkipped, newSums } from './api-sums.ts';
import { bracket } from '../stacks/bracket.ts';
import { reportFault } from '../faults.ts';
import { nameTimed } from './nested-calls.ts';
import { beforeCall, stopsBeforeCalls } from '../stops/stop-here.ts';
import { callBegins, callReturned, type Api } from './timed-calls.ts';

/** How the calls of a function are told; by default without details, and only when they are over. */
export interface Way extends Partial<Pick<Api, 'take' | 'detail' | 'isLong' | 'foresees' | 'fromMs'>> {
  /** Of a package: its own code is no part of Node. */
  ofPackage?: boolean;
  /** It needs its receiver. */
  usesThis?: boolean;
  /** Gets what the function has returned. */
  onResult?: (result: unknown) => void;
}

/** Told before they block. */
export const always = (): boolean => true;
const never = (): boolean => false;

/** Times the calls of `holder[key]`; nothing happens when that is no function or cannot be replaced. */
export function install(holder: object, key: string, name: string, way: Way): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const original: unknown = descriptor?.value;
  if (typeof original !== 'function' || descriptor?.configurable !== true) return;
  const { take, detail, isLong = never, foresees, fromMs = 0, ofPackage = false, usesThis = false, onResult } = way;
  const shownAs = original.name === '' ? key : original.name;
  const foresight = foresees === undefined ? {} : { foresees };
  const api: Api = { ...newSums(name), shownAs, take, detail, isLong, ...foresight, fromMs, ofPackage };
  if (!ofPackage) nameTimed(shownAs);
  const value = bracket(
    original as (...args: never[]) => unknown,
    {
      begin: () => {
        if (stopsBeforeCalls) beforeCall(name);
        return !isSkipped(api);
      },
      enter(args, receiver) {
        try {
          callBegins(api, args, receiver);
        } catch (error) {
          reportFault(name, error);
        }
      },
      end(result) {
        try {
          callReturned(api, result);
          onResult?.(result);
        } catch (error) {
          reportFault(name, error);
        }
      },
    },
    usesThis,
  );
  Object.defineProperty(holder, key, { ...descriptor, value });
}
