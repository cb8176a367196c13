/** Takes out of a list what is over, in place, so that a request may interrupt it anywhere and use the same list. */

/** Lists that are being worked on. */
const busy = new Set<readonly unknown[]>();

/**
 * Drops items from that index on. While it is at work, others may add to the list, but nobody else may move what is in it: a run within a run does nothing.
 * (Holes were left once: nothing that goes through a list with holes works ever again.)
 */
export function dropOver<T>(list: T[], from: number, isOver: (item: T) => boolean): void {
  if (busy.has(list)) return;
  busy.add(list);
  try {
    let to = from;
    for (let i = from; i < list.length; i++) {
      const item = list[i] as T;
      if (!isOver(item)) list[to++] = item;
    }
    list.length = to;
  } finally {
    busy.delete(list);
  }
}
