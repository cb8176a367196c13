/** A loopback server that speaks enough of the Redis protocol (RESP 2 and 3) for `ioredis`: the handshake, and data commands held back by a gate. */
import type { Socket } from 'node:net';
import { newGate, type Gate } from './gate.ts';
import { listen } from './listen.ts';

export interface FakeRedis {
  port: number;
  /** Keeps the replies of data commands back; the handshake always works. */
  gate: Gate;
  /** Names of the data commands received so far, in capitals. */
  commands: string[];
  close(): Promise<void>;
}

/** Answers a data command at once; undefined leaves it to the gate. */
type Reply = (words: readonly string[]) => string | undefined;

/** `GET` answers `value`, `BLPOP` the pair of its first key and `value`, any other data command an error; `reply` comes before these. */
export async function startFakeRedis(value: string, reply: Reply = () => undefined): Promise<FakeRedis> {
  const gate = newGate();
  const commands: string[] = [];
  const server = await listen((socket) => serve(socket, { gate, commands, value, reply }));
  return { port: server.port, gate, commands, close: () => server.close() };
}

interface Session {
  gate: Gate;
  commands: string[];
  value: string;
  reply: Reply;
}

function serve(socket: Socket, session: Session): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let command = readCommand(buffer); command !== undefined; command = readCommand(buffer)) {
      buffer = buffer.subarray(command.length);
      answer(socket, command.words, session);
    }
  });
}

function answer(socket: Socket, words: string[], { gate, commands, value, reply }: Session): void {
  const name = (words[0] ?? '').toUpperCase();
  const handshake = handshakeReply(name, words) ?? reply(words);
  if (handshake !== undefined) {
    socket.write(handshake);
    if (name === 'QUIT') socket.end();
    return;
  }
  commands.push(name);
  gate.pass(() => socket.write(dataReply(name, words[1] ?? '', value)));
}

function handshakeReply(name: string, words: string[]): string | undefined {
  if (name === 'HELLO') {
    const fields = [
      bulk('server'),
      bulk('redis'),
      bulk('version'),
      bulk('7.4.0'),
      bulk('proto'),
      `:${words[1] ?? '2'}\r\n`,
    ];
    const head = words[1] === '3' ? `%${fields.length / 2}\r\n` : `*${fields.length}\r\n`;
    return head + fields.join('');
  }
  if (name === 'INFO') return bulk('redis_version:7.4.0\r\nloading:0\r\nmaxmemory_policy:noeviction\r\n');
  if (name === 'CLIENT' || name === 'AUTH' || name === 'SELECT' || name === 'QUIT') return '+OK\r\n';
  return undefined;
}

function dataReply(name: string, key: string, value: string): string {
  if (name === 'GET') return bulk(value);
  if (name === 'BLPOP') return `*2\r\n${bulk(key)}${bulk(value)}`;
  return `-ERR unknown command '${name}'\r\n`;
}

/** A text as RESP writes it. */
export function bulk(value: string): string {
  return `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
}

/** The first complete command (an array of bulk strings) and its length in bytes, or undefined when more must arrive. */
function readCommand(buffer: Buffer): { words: string[]; length: number } | undefined {
  const head = readLine(buffer, 0);
  if (head === undefined) return undefined;
  const words: string[] = [];
  let at = head.next;
  for (let left = Number(head.line.slice(1)); left > 0; left--) {
    const size = readLine(buffer, at);
    if (size === undefined) return undefined;
    const end = size.next + Number(size.line.slice(1));
    if (buffer.length < end + 2) return undefined;
    words.push(buffer.toString('utf8', size.next, end));
    at = end + 2;
  }
  return { words, length: at };
}

function readLine(buffer: Buffer, from: number): { line: string; next: number } | undefined {
  const end = buffer.indexOf('\r\n', from);
  return end < 0 ? undefined : { line: buffer.toString('latin1', from, end), next: end + 2 };
}
