/** Where nobody polls the loop's clocks are read now and then all the same: the first poll is to tell of what goes on then, not of all the turns before. */
import { readLoop, type LoopReading } from './loop.ts';

let reading: LoopReading | undefined;

/** Nobody polls. */
export function lookUnwatched(): void {
  reading = readLoop();
}

/** The last look; undefined when there was none since the last call. */
export function takeUnwatched(): LoopReading | undefined {
  const taken = reading;
  reading = undefined;
  return taken;
}
