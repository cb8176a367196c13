/** Acknowledgements of socket.io and socket.io-client (4): which event of whom the other side has not acknowledged. */
import { coarseNow } from '../promises/promises.ts';
import { describedBy } from './connection.ts';
import { field, hasMethods, numberField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';
import { askedFacts } from './remote-calls.ts';

/** The address of the server, or of the client. */
const remoteOf = (socket: object | undefined): string | undefined =>
  textField(field(socket, 'io'), 'uri') ?? textField(field(socket, 'handshake'), 'address');

const watchSocket =
  (library: string) =>
  (members: object): void => {
    const prototype = prototypeOf(field(members, 'Socket'));
    if (!hasMethods(prototype, 'emitWithAck', 'emit', 'timeout', 'disconnect')) return;
    patch(prototype, 'emitWithAck', {
      begin: (socket, [event]) => ({
        event: typeof event === 'string' ? ` of '${event}'` : '',
        limitMs:
          numberField(field(socket, 'flags'), 'timeout') ?? numberField(field(socket, '_opts'), 'ackTimeout') ?? 0,
      }),
      end(result, { event, limitMs }, socket) {
        const record = recordOf(result);
        if (record === null) return;
        const from = new WeakRef(socket);
        const endMs = limitMs > 0 ? coarseNow() + limitMs : undefined;
        describedBy(record, () => {
          const alive = from.deref();
          const isConnected = field(alive, 'connected') !== false;
          const request = `acknowledgement${event}`;
          return {
            facts: askedFacts({ library, request, remote: remoteOf(alive), isConnected, endMs }),
            confidence: 'exact',
          };
        });
      },
    });
  };

/** They look for the class among what a module exports or defines. */
export const watchSocketIo = watchSocket('socket.io');
export const watchSocketIoClient = watchSocket('socket.io-client');
