/** Puts equal related places of a finding together: two transfers that lock each other out have the same three lines each. */
import type { Finding } from '../protocol/report.ts';
import { lineKey } from './place.ts';
import { countOf } from './wording/wording.ts';

/** In their order, each once; the text says of how many it tells. */
export function distinctRelated(related: Finding['related']): Finding['related'] {
  const counts = new Map<string, { first: Finding['related'][number]; count: number }>();
  for (const each of related) {
    const key = `${lineKey(each.location)}\n${each.message}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { first: each, count: 1 });
    else known.count++;
  }
  return [...counts.values()].map(({ first, count }) =>
    count === 1 ? first : { ...first, message: `${first.message} (${countOf(count, 'time')})` },
  );
}
