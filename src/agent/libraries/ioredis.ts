/** Redis of ioredis (4 to 6): which command a promise waits for the answer to. */
import type { Wait } from '../../protocol/agent.ts';
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { commandText } from './redis-commands.ts';

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
      const text = commandText(textField(command, 'name') ?? 'command', field(field(command, 'args'), 0));
      describedBy(record, () => {
        const alive = redis.deref();
        return alive === undefined ? undefined : describe(alive, text);
      });
    },
  });
}
