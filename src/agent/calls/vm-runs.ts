/** Times the code that the program runs or compiles through `node:vm`. Calls within that code are timed and told by themselves. */
import { performance } from 'node:perf_hooks';
import vm from 'node:vm';
import { bracketCalls } from '../stacks/bracket.ts';
import { newSums } from './api-sums.ts';
import { guarded } from '../faults.ts';
import { tellWhole, toldMs, type Api } from './timed-calls.ts';

/** A short run is what it is made for. Milliseconds. */
const FROM_MS = 5;

/** A run that lasts: when it began, and the time of all calls told before. */
interface Run {
  startMs: number;
  toldMs: number;
}

const MODULE = ['runInContext', 'runInNewContext', 'runInThisContext', 'compileFunction'] as const;
const SCRIPT = ['runInContext', 'runInNewContext', 'runInThisContext'] as const;

/** Puts the timing in place; afterwards importers of ES modules need `syncBuiltinESMExports`. */
export function watchVm(): void {
  for (const key of MODULE) time(vm, key, `vm.${key}`, false);
  for (const key of SCRIPT) time(vm.Script.prototype, key, `vm.Script.${key}`, true);
}

function time(holder: object, key: string, name: string, usesThis: boolean): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const original: unknown = descriptor?.value;
  if (typeof original !== 'function' || descriptor?.configurable !== true) return;
  const none = { take: undefined, detail: undefined, isLong: () => false };
  const api: Api = { ...newSums(name), ...none, shownAs: key, fromMs: FROM_MS, within: 'node:vm' };
  const value = bracketCalls<(...args: never[]) => unknown, Run>(
    original as (...args: never[]) => unknown,
    {
      begin: () => ({ startMs: performance.now(), toldMs: toldMs() }),
      end(result, run) {
        guarded(name, () => end(api, run), undefined);
        return result;
      },
    },
    usesThis,
  );
  Object.defineProperty(holder, key, { ...descriptor, value });
}

/** One whose time went into calls that are told, or into another run, is nothing of its own. */
function end(api: Api, run: Run): void {
  const endMs = performance.now();
  const durationMs = endMs - run.startMs;
  if (durationMs < FROM_MS || toldMs() - run.toldMs > durationMs / 2) return;
  tellWhole(api, run.startMs, endMs);
}
