/** The name of a group: what the names of its members have in common, `GET /orders/*`. */

/** "GET", " ", "/", "orders". No regular expression: see origin.ts. */
function partsOf(name: string): string[] {
  const parts: string[] = [];
  let isOpen = false;
  for (const letter of name) {
    const ends = letter === '/' || letter === ' ';
    if (ends || !isOpen) parts.push(letter);
    else parts[parts.length - 1] += letter;
    isOpen = !ends;
  }
  return parts;
}

/** Equal parts are kept, different ones become a star; what only some have is one star at the end. */
export function commonName(names: readonly string[]): string | undefined {
  const [first, ...others] = [...new Set(names)].map(partsOf);
  if (first === undefined) return undefined;
  const shortest = others.reduce((least, { length }) => Math.min(least, length), first.length);
  const longest = others.reduce((most, { length }) => Math.max(most, length), first.length);
  const common = first.slice(0, shortest).map((part, i) => (others.every((other) => other[i] === part) ? part : '*'));
  let name = '';
  for (const letter of common.join('') + (longest > shortest ? '*' : '')) {
    if (letter !== '*' || !name.endsWith('*')) name += letter;
  }
  return name;
}
