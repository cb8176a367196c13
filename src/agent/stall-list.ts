/** Keeps the stalls of this thread: at most 200, the longest. */
import type { Stall } from '../protocol/agent.ts';

const MAX_STALLS = 200;

let list: Stall[] = [];
let lastId = 0;
/** Ids of stalls that stand for one call so far; the turn around it may prove longer. */
const provisional = new Set<number>();

/** A number for a new stall. */
export function nextStallId(): number {
  return ++lastId;
}

/** Adds a stall of one call; the turn around it may take it over. */
export function putCallStall(stall: Stall): void {
  provisional.add(stall.id);
  putStall(stall);
}

/** Adds a stall, or replaces the one with the same id. */
export function putStall(stall: Stall): void {
  const index = list.findIndex((each) => each.id === stall.id);
  if (index >= 0) {
    list[index] = stall;
    return;
  }
  list.push(stall);
  if (list.length > MAX_STALLS) {
    const shortest = list.reduce((a, b) => (b.durationMs < a.durationMs ? b : a));
    list = list.filter((each) => each !== shortest);
    provisional.delete(shortest.id);
  }
}

/** Takes the stalls of single calls within the span out of the list; returns the id of the first. */
export function takeCallStalls(startMs: number, endMs: number): number | undefined {
  const taken = list.filter(
    (stall) => provisional.has(stall.id) && stall.startMs < endMs && stall.startMs + stall.durationMs > startMs,
  );
  list = list.filter((stall) => !taken.includes(stall));
  for (const { id } of taken) provisional.delete(id);
  return taken[0]?.id;
}

/** In order of their start, so that an open one is last. */
export function allStalls(): Stall[] {
  return [...list].sort((a, b) => a.startMs - b.startMs);
}
