/** A client of the inspector: commands with answers, and events for those who listen. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Connects to an inspector's WebSocket address; `close` ends the connection. */
export async function connectInspector(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const waiting = new Map();
  const listeners = new Map();
  let lastId = 0;

  socket.on('message', (data) => {
    const { id, result, error, method, params } = JSON.parse(data);
    if (method !== undefined) listeners.get(method)?.(params);
    const answer = waiting.get(id);
    if (answer === undefined) return;
    waiting.delete(id);
    if (error) answer.reject(new Error(error.message));
    else answer.resolve(result);
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the inspector closed the connection'));
    waiting.clear();
  });

  function send(method, params = {}) {
    return new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
  }

  return {
    send,
    /** From now on; one listener for each event. */
    on: (method, listener) => void listeners.set(method, listener),
    /** Value of an expression; throws what the expression throws. */
    async evaluate(expression) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, 'close');
    },
  };
}
