/** Keeps the stalls of this thread: at most 200, the longest. */
import type { Stall } from '../../protocol/agent.ts';
import { addEffects, updateEffects } from './stall-effects.ts';

const MAX_STALLS = 200;

let list: Stall[] = [];
let lastId = 0;
/** A number for a new stall. */
export function nextStallId(): number {
  return ++lastId;
}

/** That of the last one; 0 for none. */
export const lastStallId = (): number => lastId;

/** Adds a stall, or replaces the one with the same id. */
export function putStall(stall: Stall): void {
  addEffects(stall);
  const index = list.findIndex((each) => each.id === stall.id);
  if (index >= 0) {
    list[index] = stall;
    return;
  }
  list.push(stall);
  if (list.length > MAX_STALLS) {
    const shortest = list.reduce((a, b) => (b.durationMs < a.durationMs ? b : a));
    list = list.filter((each) => each !== shortest);
  }
}

/** It was none. */
export function dropStall(id: number): void {
  list = list.filter((each) => each.id !== id);
}

/** In order of their start, so that an open one is last. */
export function allStalls(): Stall[] {
  updateEffects();
  return [...list].sort((a, b) => a.startMs - b.startMs);
}
