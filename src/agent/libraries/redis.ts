/** Redis of node-redis (`redis` 4 to 6, in its package `@redis/client`): which command a promise waits for the answer to. */
import { describedBy, describeRequest } from './connection.ts';
import { field, hasMethods, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { commandText } from './redis-commands.ts';

/** The client whose command is being queued. */
let sender: WeakRef<object> | undefined;

/** A getter of the clients' class; the socket itself is out of reach. */
let isReady: ((this: object) => unknown) | undefined;

/** Clients are found by their method. */
function watchClient(members: object): void {
  const prototype = prototypeOf(field(members, 'default'));
  if (!hasMethods(prototype, 'sendCommand', 'connect')) return;
  isReady = Object.getOwnPropertyDescriptor(prototype, 'isReady')?.get;
  patch(prototype, 'sendCommand', {
    begin: (client) => (sender = new WeakRef(client)),
    end: () => void (sender = undefined),
  });
}

function watchQueue(members: object): void {
  const prototype = prototypeOf(field(members, 'default'));
  if (!hasMethods(prototype, 'addCommand', 'commandsToWrite')) return;
  patch(prototype, 'addCommand', {
    begin: (_, [args]) => commandText(String(field(args, 0)), field(args, 1)),
    end(result, request) {
      const record = recordOf(result);
      if (record === null) return;
      const client = sender;
      describedBy(record, () => {
        const alive = client?.deref();
        const isConnected = alive === undefined || isReady?.call(alive) !== false;
        return describeRequest({ library: 'redis', request, stream: undefined, isConnected });
      });
    },
  });
}

/** Looks for the classes among what a module exports. */
export function watchRedis(members: object): void {
  watchClient(members);
  watchQueue(members);
}
