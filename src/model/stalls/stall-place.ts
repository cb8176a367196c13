/** Where the code that held the loop is: of native code, which V8 never interrupts, a stack shows only what came next. */
import type { Frame, Stall } from '../../protocol/agent.ts';
import type { Location } from '../../protocol/report.ts';
import { packageOf, placeOf, stackLocations, type Place } from '../place.ts';
import {
  callBefore,
  isAtEntry,
  lastCallOfLoop,
  nameOfCall,
  onlyCallOf,
  type WrittenCall,
} from '../source/call-before.ts';
import type { Sources } from '../sources.ts';

/** The place to blame. */
export interface StallPlace {
  place?: Place;
  /** What the program called there, as it is written. */
  call?: string;
  /** As in `ReportStall`. */
  stack: Location[];
}

type HeldAt = Pick<Stall, 'stack' | 'after'>;

/** From the stack and, where it shows only what came next, from the text before it. */
export function stallPlace({ stack, after }: HeldAt, sources: Sources): StallPlace {
  const at = stack.findIndex((frame) => sources.isUser(frame));
  // Behind the last call of a callback comes what Node does after each: that says nothing.
  if (after === true && stack.every(({ file }) => packageOf(file) === 'node')) return { stack: [] };
  const found = after === true ? before(stack, at, sources) : profiled(stack, at, sources);
  if (found === undefined) {
    const place = placeOf(stack, sources);
    const call = after === true ? undefined : calledFrom(stack, at, sources);
    const where = { ...(place === undefined ? {} : { place }), ...(call === undefined ? {} : { call }) };
    return { ...where, stack: stackLocations(stack, sources) };
  }
  const { from, call } = found;
  const rest = stack.slice(from);
  const place = placeOf(rest, sources);
  const locations = stackLocations(rest, sources);
  if (call === undefined || place === undefined) return { ...(place === undefined ? {} : { place }), stack: locations };
  const name = sources.locate({ ...call.location, function: '' })?.function ?? place.name;
  const location = { ...call.location, function: name };
  return {
    place: { ...place, name, location },
    call: call.name,
    stack: [location, ...locations.slice(1)],
  };
}

/** Index of the frame to begin with, and the call in it. */
interface Found {
  from: number;
  call: WrittenCall | undefined;
}

/** `at`: index of the innermost frame of the user's. */
function before(stack: readonly Frame[], at: number, sources: Sources): Found | undefined {
  const location = placeAt(stack, at, sources);
  if (location === undefined || at > 1) return undefined;
  // What was entered next is called from there.
  if (at === 1) return isEntered(stack[0], sources) ? { from: 1, call: callBefore(location, sources) } : undefined;
  if (!isAtEntry(location, sources)) return { from: 0, call: lastCallOfLoop(location, sources) };
  const caller = stack[1];
  const calledAt = caller !== undefined && sources.isUser(caller) ? sources.locate(caller) : undefined;
  return calledAt && { from: 1, call: callBefore(calledAt, sources) };
}

/** Of functions of the language and of Node's the agent has made sure. */
function isEntered(frame: Frame | undefined, sources: Sources): boolean {
  if (frame === undefined || packageOf(frame.file) === 'node') return true;
  const location = sources.locate(frame);
  return location !== undefined && isAtEntry(location, sources);
}

/** A profile knows no lines of callers, but which function of the language or of Node's they called. */
function profiled(stack: readonly Frame[], at: number, sources: Sources): Found | undefined {
  const location = placeAt(stack, at, sources);
  const called = stack[at - 1]?.function;
  if (location === undefined || called === undefined || called === '') return undefined;
  const call = onlyCallOf(called.slice(called.lastIndexOf('.') + 1), location, sources);
  return call && { from: at, call };
}

/** What of a package or of Node's the user's code had called; functions of the language only run callbacks when a stack shows them. */
function calledFrom(stack: readonly Frame[], at: number, sources: Sources): string | undefined {
  const called = stack[at - 1];
  const location = called === undefined || called.line === 0 ? undefined : placeAt(stack, at, sources);
  // A profile tells only where the caller begins.
  return location === undefined || isAtEntry(location, sources) ? undefined : nameOfCall(location, sources);
}

const placeAt = (stack: readonly Frame[], at: number, sources: Sources): Location | undefined => {
  const frame = stack[at];
  return frame && sources.locate(frame);
};
