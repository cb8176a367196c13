/** Redis of node-redis (`redis` 4 to 6, in its package `@redis/client`): which command a promise waits for the answer to. */
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { addressIn, blockersOn, noteBlocker } from './redis-blockers.ts';
import { commandText } from './redis-commands.ts';

/** The client whose command is being queued. */
let sender: WeakRef<object> | undefined;

type Getter = (this: object) => unknown;

/** Getters of the clients' class; the socket itself is out of reach. */
let isReady: Getter | undefined;
let options: Getter | undefined;

/** Clients are found by their method. */
function watchClient(members: object): void {
  const prototype = prototypeOf(field(members, 'default'));
  if (!hasMethods(prototype, 'sendCommand', 'connect')) return;
  isReady = Object.getOwnPropertyDescriptor(prototype, 'isReady')?.get;
  options = Object.getOwnPropertyDescriptor(prototype, 'options')?.get;
  patch(prototype, 'sendCommand', {
    begin: (client) => (sender = new WeakRef(client)),
    end: () => void (sender = undefined),
  });
}

function watchQueue(members: object): void {
  const prototype = prototypeOf(field(members, 'default'));
  if (!hasMethods(prototype, 'addCommand', 'commandsToWrite')) return;
  patch(prototype, 'addCommand', {
    begin(queue, [args, how]) {
      const name = String(field(args, 0));
      // Those with `asap` are put before the others.
      const behind = field(how, 'asap') === true ? () => undefined : blockersOn(queue);
      // In a transaction nothing waits on the server.
      const mayBlock = field(how, 'chainId') === undefined;
      return { name, args, behind, mayBlock, request: commandText(name, field(args, 1)) };
    },
    end(result, { name, args, behind, mayBlock, request }, queue) {
      const record = recordOf(result);
      if (record === null) return;
      const client = sender;
      if (mayBlock && record.isPending) noteBlocker(queue, name, args, { text: request, record });
      describedBy(record, () => {
        const alive = client?.deref();
        const isConnected = alive === undefined || isReady?.call(alive) !== false;
        const remote = alive && addressIn(field(options?.call(alive), 'socket'));
        return describeRequest({
          library: 'redis',
          request,
          stream: undefined,
          isConnected,
          remote,
          behind: behind(),
        });
      });
    },
  });
}

/** Looks for the classes among what a module exports. */
export function watchRedis(members: object): void {
  watchClient(members);
  watchQueue(members);
}
