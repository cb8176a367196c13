/** Redis of ioredis (4 to 6): which command a promise waits for the answer to. */
import type { Wait } from '../../protocol/agent.ts';
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { isWithinProgram } from '../stacks/within.ts';

/** Commands whose first argument names a key or channel; of the others the arguments may be secrets or contents. */
const KEYED =
  /^(?:get|set|getdel|getex|getset|setex|psetex|setnx|append|strlen|incr\w*|decr\w*|del|unlink|exists|p?expire\w*|p?ttl|persist|type|touch|dump|h\w+|[lr]p\w+|l\w+|bl\w+|br\w+|s(?:add|card|ismember|members|mismember|move|pop|randmember|rem|scan)|z\w+|bz\w+|x\w+|subscribe|psubscribe|publish|watch)$/;
/** Of these the name begins like one of the above, but no key comes first. */
const UNKEYED = /^(?:hello|latency|lolwut|lastsave|xread|xreadgroup|lmpop|blmpop|zmpop|bzmpop|zunion|zinter|zdiff)$/;
const MAX_KEY = 40;

function commandText(command: object): string {
  const name = (textField(command, 'name') ?? 'command').toLowerCase();
  const key = field(field(command, 'args'), 0);
  if (typeof key !== 'string' || isWithinProgram() || !KEYED.test(name) || UNKEYED.test(name))
    return name.toUpperCase();
  return `${name.toUpperCase()} ${key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key}`;
}

function describe(redis: object, text: string): Wait {
  const stream = objectField(redis, 'stream');
  const isConnected = textField(redis, 'status') === 'ready';
  return describeRequest({ library: 'ioredis', request: text, stream, isConnected });
}

/** Looks for the class among what the module exports. */
export function watchIoredis(members: object): void {
  const prototype = prototypeOf(field(members, 'Redis'));
  if (!hasMethods(prototype, 'sendCommand', 'connect', 'disconnect')) return;
  patch(prototype, 'sendCommand', {
    begin: (_, [command]) => (typeof command === 'object' && command !== null ? command : undefined),
    end(result, command, receiver) {
      const record = recordOf(result);
      if (record === null || command === undefined) return;
      const redis = new WeakRef(receiver);
      const text = commandText(command);
      describedBy(record, () => {
        const alive = redis.deref();
        return alive === undefined ? undefined : describe(alive, text);
      });
    },
  });
}
