/** V8's CPU profiler for this thread, through an inspector session of our own: nothing is asked of a debugger, and its own profiles are not touched. */
import type { Profiler, Session } from 'node:inspector';
import { performance } from 'node:perf_hooks';
import { readProfile, type ProfiledStall } from './profile-reading.ts';
import { OWN_FILE } from '../stacks/stack.ts';

/**
 * Between two samples, microseconds: a stall of 100 ms has 20. Measured on Node 20 to 26: 1 % of a busy program's time, nothing while it idles; to begin
 * takes 7 to 25 ms, for V8 looks through all compiled code, to end 1 to 60 ms.
 */
const INTERVAL_US = 5000;
const MICROSECONDS = 1000;

let session: Session | undefined;
let sinceMs: number | undefined;

function post<T>(method: string, parameters?: object): T {
  let answer: T | undefined;
  // In a session with one's own thread the answer comes before `post` returns.
  session?.post(method, parameters, (error: Error | null, result?: object) => {
    if (error !== null) throw error;
    answer = result as T;
  });
  return answer as T;
}

/** Since when it has been running, milliseconds of `performance.now`; undefined while it is not. */
export const profilingSince = (): number | undefined => sinceMs;

/** Throws where Node was built without an inspector. */
export function startProfiling(): void {
  if (session === undefined) {
    const { Session: OwnSession } = require('node:inspector') as typeof import('node:inspector');
    session = new OwnSession();
    session.connect();
    post('Profiler.enable');
    post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  }
  post('Profiler.start');
  sinceMs = performance.now();
}

/** Ends it. Answers what is known of a span of time, milliseconds of `performance.now`. */
export function stopProfiling(): (startMs: number, endMs: number) => ProfiledStall {
  sinceMs = undefined;
  const { profile } = post<{ profile: Profiler.Profile }>('Profiler.stop');
  const read = readProfile(profile, OWN_FILE);
  // V8's clock is that of `process.hrtime`.
  const zeroUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * MICROSECONDS;
  return (startMs, endMs) => read(startMs * MICROSECONDS + zeroUs, endMs * MICROSECONDS + zeroUs);
}

/** Lets go of the session. */
export function leaveProfiler(): void {
  session?.disconnect();
  session = undefined;
}
