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

function converse(socket: WebSocket): Cdp {
  const waiting = new Map<number, Waiting>();
  const handlers = new Map<string, (params: Json) => void>();
  let lastId = 0;
  let heldBack: string[] | undefined;
  const goOn = (): void => {
    const messages = heldBack ?? [];
    heldBack = undefined;
    if (socket.readyState === WebSocket.OPEN) for (const message of messages) socket.send(message);
  };

  socket.on('message', (data: Buffer) => {
    const message = parse(data);
    if (typeof message?.['id'] === 'number') {
      answer(waiting, message['id'], message);
    } else if (typeof message?.['method'] === 'string') {
      handlers.get(message['method'])?.(asJson(message['params']));
    }
  });
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      for (const { reject } of waiting.values()) reject(new Error('connection closed'));
      waiting.clear();
      resolve();
    });
  });

  const send = (method: string, params: Json = {}): Promise<Json> => {
    if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('connection closed'));
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      const message = JSON.stringify({ id, method, params });
      if (heldBack === undefined) socket.send(message);
      else heldBack.push(message);
    });
  };

  return {
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send,
    sendAlone(method, ms) {
      const answered = send(method);
      heldBack ??= [];
      setTimeout(goOn, ms);
      return answered;
    },
    on(method, handler) {
      handlers.set(method, handler);
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

function parse(data: Buffer): Json | undefined {
  try {
    return asJson(JSON.parse(data.toString('utf8')));
  } catch {
    return undefined; // not a message of this protocol; its sender gets no answer
  }
}

/** The value if it is an object, else an empty one. */
export function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
