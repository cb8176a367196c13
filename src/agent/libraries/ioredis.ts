/** Redis of ioredis (4 to 6): which command or pipeline a promise waits for the answer to. */
import type { Wait } from '../../protocol/agent.ts';
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, lastOf, lengthOf, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { addressIn, blockersOn, noteBlocker } from './redis-blockers.ts';
import { commandText } from './redis-commands.ts';

function describe(redis: object, text: string, behind: string | undefined): Wait {
  const stream = objectField(redis, 'stream');
  const isConnected = textField(redis, 'status') === 'ready';
  const options = field(redis, 'options');
  // With sentinels the address is that of none.
  const remote = field(options, 'sentinels') ? undefined : addressIn(options);
  return describeRequest({ library: 'ioredis', request: text, stream, isConnected, remote, behind });
}

function answers(result: unknown, client: object, text: string, behind: () => string | undefined): void {
  const record = recordOf(result);
  if (record === null) return;
  const redis = new WeakRef(client);
  describedBy(record, () => {
    const alive = redis.deref();
    return alive === undefined ? undefined : describe(alive, text, behind());
  });
}

/** Those given before there is a connection, or on one that is lost, are sent once more later, in the same order. */
const sent = new WeakSet<object>();

function watchClient(prototype: object): void {
  patch(prototype, 'sendCommand', {
    begin(redis, [command]) {
      if (typeof command !== 'object' || command === null || sent.has(command)) return undefined;
      sent.add(command);
      return { command, behind: blockersOn(redis) };
    },
    end(result, asked, redis) {
      if (asked === undefined) return;
      const { command, behind } = asked;
      const [name, args] = [textField(command, 'name') ?? 'command', field(command, 'args')];
      const text = commandText(name, field(args, 0));
      answers(result, redis, text, behind);
      const record = recordOf(result);
      // In a transaction nothing waits on the server.
      if (record?.isPending === true && field(command, 'inTransaction') !== true)
        noteBlocker(redis, name, args, { text, record });
    },
  });
}

/** "pipeline of 2 commands": those that begin and end a transaction are not the program's. */
function pipelineText(pipeline: object): string {
  const [first, last] = [field(field(pipeline, '_queue'), 0), lastOf(pipeline, '_queue')];
  const isTransaction = textField(first, 'name') === 'multi' && textField(last, 'name') === 'exec';
  const count = (lengthOf(pipeline, '_queue') ?? 0) - (isTransaction ? 2 : 0);
  return `${isTransaction ? 'transaction' : 'pipeline'} of ${count} command${count === 1 ? '' : 's'}`;
}

/** Its commands are sent as others are; whoever called `exec` waits for all of them. */
function watchPipeline(prototype: object): void {
  patch(prototype, 'exec', {
    begin(pipeline) {
      const redis = objectField(pipeline, 'redis');
      return redis && { redis, text: pipelineText(pipeline), behind: blockersOn(redis) };
    },
    end(result, asked) {
      if (asked === undefined) return;
      answers(result, asked.redis, asked.text, asked.behind);
    },
  });
}

/** Looks for the classes among what the module exports. */
export function watchIoredis(members: object): void {
  const prototype = prototypeOf(field(members, 'Redis'));
  if (hasMethods(prototype, 'sendCommand', 'connect', 'disconnect')) watchClient(prototype);
  const pipeline = prototypeOf(field(members, 'Pipeline'));
  if (hasMethods(pipeline, 'exec', 'sendCommand', 'fillResult')) watchPipeline(pipeline);
}
