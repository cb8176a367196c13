/** Tells a command of Redis without its contents. Also in the middle of the program: no regular expressions (see stacks/within.ts). */

/** Commands whose first argument names a key or channel; of the others the arguments may be secrets or contents. */
const KEYED = new Set(
  (
    'get set getdel getex getset setex psetex setnx append strlen del unlink exists ttl pttl persist type touch dump ' +
    'sadd scard sismember smembers smismember smove spop srandmember srem sscan subscribe psubscribe publish watch'
  ).split(' '),
);
/** So are all that begin like this, and go on for one of families of data types. */
const KEYED_BEGINNINGS = ['incr', 'decr', 'expire', 'pexpire'];
const KEYED_FAMILIES = ['h', 'l', 'rp', 'bl', 'br', 'z', 'bz', 'x'];
/** Of these the name begins like one of the above, but no key comes first. */
const UNKEYED = new Set(
  'hello latency lolwut lastsave xread xreadgroup lmpop blmpop zmpop bzmpop zunion zinter zdiff'.split(' '),
);
const MAX_KEY = 40;

/** The command's name in capitals, with its first argument `key` where that names one. */
export function commandText(command: string, key: unknown): string {
  const name = command.toLowerCase();
  if (typeof key !== 'string' || !isKeyed(name)) return name.toUpperCase();
  return `${name.toUpperCase()} ${key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key}`;
}

function isKeyed(name: string): boolean {
  if (UNKEYED.has(name) || !isPlain(name)) return false;
  return (
    KEYED.has(name) ||
    KEYED_BEGINNINGS.some((start) => name.startsWith(start)) ||
    KEYED_FAMILIES.some((start) => name.length > start.length && name.startsWith(start))
  );
}

/** Letters and `_` only: neither two words nor the command of a module. */
function isPlain(name: string): boolean {
  let at = 0;
  while (at < name.length && isLetter(name[at] ?? '')) at++;
  return at === name.length;
}

const isLetter = (char: string): boolean => (char >= 'a' && char <= 'z') || char === '_';
