/** Adds up for how long we were at work within the program's run: that is none of its time. */
import { performance } from 'node:perf_hooks';

let ownMs = 0;

/** Milliseconds. */
export function addOwnTime(ms: number): void {
  ownMs += ms;
}

/** What was added since the last call, milliseconds. */
export function takeOwnTime(): number {
  const ms = ownMs;
  ownMs = 0;
  return ms;
}

/** Runs work of ours; what it adds itself is a part of it. */
export function ownWork<T>(work: () => T): T {
  const before = ownMs;
  const startMs = performance.now();
  try {
    return work();
  } finally {
    ownMs = before + performance.now() - startMs;
  }
}
