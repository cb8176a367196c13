/** Tells by the order of libuv's thread pool which work has a thread and which waits for one; pure. */

/** Who has a thread and who has not, each oldest first. */
export interface Shares<T> {
  running: T[];
  queued: T[];
}

/** libuv starts work in the order in which it came, but look-ups of host names in at most half of the threads (src/threadpool.c, 1.46 to 1.52). */
export function shareOut<T extends { slow: boolean }>(items: readonly T[], size: number): Shares<T> {
  const shares: Shares<T> = { running: [], queued: [] };
  let slow = Math.floor((size + 1) / 2);
  for (const item of items) {
    if (shares.running.length < size && (!item.slow || slow > 0)) {
      shares.running.push(item);
      if (item.slow) slow--;
    } else {
      shares.queued.push(item);
    }
  }
  return shares;
}
