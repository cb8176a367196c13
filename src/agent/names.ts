/** The name of a group: what the names of its members have in common, `GET /orders/*`. */

const PARTS = /[/ ]|[^/ ]+/g;

/** Equal parts are kept, different ones become a star; what only some have is one star at the end. */
export function commonName(names: readonly string[]): string | undefined {
  const [first, ...others] = [...new Set(names)].map((name) => name.match(PARTS) ?? []);
  if (first === undefined) return undefined;
  const shortest = others.reduce((least, { length }) => Math.min(least, length), first.length);
  const longest = others.reduce((most, { length }) => Math.max(most, length), first.length);
  const common = first.slice(0, shortest).map((part, i) => (others.every((other) => other[i] === part) ? part : '*'));
  const text = common.join('') + (longest > shortest ? '*' : '');
  return text.replace(/\*{2,}/g, '*');
}
