/** Tells a command of Redis without its contents. */
import { isWithinProgram } from '../stacks/within.ts';

/** Commands whose first argument names a key or channel; of the others the arguments may be secrets or contents. */
const KEYED =
  /^(?:get|set|getdel|getex|getset|setex|psetex|setnx|append|strlen|incr\w*|decr\w*|del|unlink|exists|p?expire\w*|p?ttl|persist|type|touch|dump|h\w+|[lr]p\w+|l\w+|bl\w+|br\w+|s(?:add|card|ismember|members|mismember|move|pop|randmember|rem|scan)|z\w+|bz\w+|x\w+|subscribe|psubscribe|publish|watch)$/;
/** Of these the name begins like one of the above, but no key comes first. */
const UNKEYED = /^(?:hello|latency|lolwut|lastsave|xread|xreadgroup|lmpop|blmpop|zmpop|bzmpop|zunion|zinter|zdiff)$/;
const MAX_KEY = 40;

/** The command's name in capitals, with its first argument `key` where that names one. */
export function commandText(command: string, key: unknown): string {
  const name = command.toLowerCase();
  if (typeof key !== 'string' || isWithinProgram() || !KEYED.test(name) || UNKEYED.test(name))
    return name.toUpperCase();
  return `${name.toUpperCase()} ${key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key}`;
}
