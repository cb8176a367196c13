/** A small client of the Chrome DevTools Protocol over a WebSocket: commands, events, and an end that everybody waiting hears of. */
import { WebSocket } from 'ws';

/** Parameters and results as they come over the wire. */
export type Json = Record<string, unknown>;

/** An open connection. */
export interface Cdp {
  /** Rejects with the other side's message when it refuses the command, and with `connection closed` when the connection ends before the answer. */
  send(method: string, params?: Json): Promise<Json>;
  /** Sends the command, and holds others back for `ms` milliseconds: what it does comes after what the program was asked before. */
  sendAlone(method: string, ms: number): Promise<Json>;
  /** One handler for each event name. */
  on(method: string, handler: (params: Json) => void): void;
  isOpen(): boolean;
  /** Settles once when the connection is gone, for whatever reason. */
  closed: Promise<void>;
  close(): void;
}

interface Waiting {
  resolve(result: Json): void;
  reject(error: Error): void;
}

/** A snapshot of a very large program is the biggest message. */
const MAX_MESSAGE_BYTES = 512 * 1024 * 1024;

/** Connects within `timeoutMs` milliseconds; rejects with the reason otherwise. */
export function connectCdp(url: string, timeoutMs: number): Promise<Cdp> {
  return new Promise((resolve, reject) => {
    const options = { handshakeTimeout: timeoutMs, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES };
    const socket = openSocket(url, options, reject);
    socket?.once('error', reject);
    socket?.once('open', () => {
      socket.off('error', reject);
      resolve(converse(socket));
    });
  });
}

function openSocket(url: string, options: object, reject: (error: unknown) => void): WebSocket | undefined {
  try {
    return new WebSocket(url, options);
  } catch (error) {
    reject(error); // not a WebSocket address at all
    return undefined;
  }
}

/** Commands and events over any carrier of messages. */
export interface Conversation extends Pick<Cdp, 'send' | 'on'> {
  /** A message of the other side. */
  take(message: Json): void;
  /** What was sent will have no answer. */
  end(): void;
}

export function newConversation(post: (message: string) => void, isOpen: () => boolean): Conversation {
  const waiting = new Map<number, Waiting>();
  const handlers = new Map<string, (params: Json) => void>();
  let lastId = 0;
  return {
    take(message) {
      if (typeof message['id'] === 'number') answer(waiting, message['id'], message);
      else if (typeof message['method'] === 'string') handlers.get(message['method'])?.(asJson(message['params']));
    },
    end() {
      for (const { reject } of waiting.values()) reject(new Error('connection closed'));
      waiting.clear();
    },
    send(method, params = {}) {
      if (!isOpen()) return Promise.reject(new Error('connection closed'));
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        post(JSON.stringify({ id, method, params }));
      });
    },
    on(method, handler) {
      handlers.set(method, handler);
    },
  };
}

function converse(socket: WebSocket): Cdp {
  let heldBack: string[] | undefined;
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  const post = (message: string): void => {
    if (heldBack === undefined) socket.send(message);
    else heldBack.push(message);
  };
  const { take, end, send, on } = newConversation(post, isOpen);
  const goOn = (): void => {
    const messages = heldBack ?? [];
    heldBack = undefined;
    if (isOpen()) for (const message of messages) socket.send(message);
  };

  socket.on('message', (data: Buffer) => take(parseMessage(data.toString('utf8'))));
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      end();
      resolve();
    });
  });

  return {
    closed,
    isOpen,
    send,
    on,
    sendAlone(method, ms) {
      const answered = send(method);
      heldBack ??= [];
      setTimeout(goOn, ms);
      return answered;
    },
    close() {
      socket.close();
      // A blocked program does not answer the closing handshake.
      setTimeout(() => socket.terminate(), 200).unref();
    },
  };
}

function answer(waiting: Map<number, Waiting>, id: number, message: Json): void {
  const entry = waiting.get(id);
  waiting.delete(id);
  if (message['error'] === undefined) entry?.resolve(asJson(message['result']));
  else entry?.reject(new Error(String(asJson(message['error'])['message'])));
}

/** Empty when it is no message of this protocol; its sender gets no answer. */
export function parseMessage(text: string): Json {
  try {
    return asJson(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The value if it is an object, else an empty one. */
export function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
