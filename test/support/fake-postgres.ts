/** A loopback server that speaks enough of the Postgres wire protocol (version 3) for `pg`: log in, simple and extended queries. */
import type { Socket } from 'node:net';
import { newGate, type Gate } from './gate.ts';
import { listen } from './listen.ts';

export interface FakePostgres {
  port: number;
  /** Keeps the results of queries back; logging in always works. */
  gate: Gate;
  /** Texts of the queries received so far. */
  queries: string[];
  close(): Promise<void>;
}

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const TEXT_TYPE = 25;

/** Every query answers one row with the text column `value`, which holds `row`. */
export async function startFakePostgres(row: string): Promise<FakePostgres> {
  const gate = newGate();
  const queries: string[] = [];
  const result = Buffer.concat([rowDescription('value'), dataRow(row), message('C', text('SELECT 1'))]);
  const server = await listen((socket) => serve(socket, { gate, queries, result }));
  return { port: server.port, gate, queries, close: () => server.close() };
}

interface Session {
  gate: Gate;
  queries: string[];
  result: Buffer;
}

function serve(socket: Socket, session: Session): void {
  let buffer = Buffer.alloc(0);
  let started = false;

  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const header = started ? 5 : 4;
      if (buffer.length < header) return;
      const length = buffer.readInt32BE(header - 4) + header - 4;
      if (buffer.length < length) return;
      const body = buffer.subarray(header, length);
      const type = started ? String.fromCharCode(buffer.readUInt8(0)) : 'startup';
      buffer = buffer.subarray(length);
      if (type === 'startup') started = startUp(socket, body.readInt32BE(0));
      else answer(socket, type, body, session);
    }
  });
}

/** Answers the first packet; true when the session has begun. */
function startUp(socket: Socket, code: number): boolean {
  if (code === SSL_REQUEST) {
    socket.write('N');
    return false;
  }
  if (code === CANCEL_REQUEST) {
    socket.end();
    return false;
  }
  const authenticated = message('R', int32(0));
  const parameters = message('S', text('server_version'), text('16.0'));
  socket.write(Buffer.concat([authenticated, parameters, message('K', int32(1), int32(2)), ready()]));
  return true;
}

function answer(socket: Socket, type: string, body: Buffer, { gate, queries, result }: Session): void {
  if (type === 'Q') {
    queries.push(body.toString('utf8', 0, body.length - 1));
    gate.pass(() => socket.write(Buffer.concat([result, ready()])));
  } else if (type === 'P') {
    const name = body.indexOf(0) + 1;
    queries.push(body.toString('utf8', name, body.indexOf(0, name)));
  } else if (type === 'S') {
    // By the time of Sync the client has sent Parse, Bind, Describe and Execute: one answer for all of them.
    gate.pass(() => socket.write(Buffer.concat([message('1'), message('2'), result, ready()])));
  } else if (type === 'X') {
    socket.end();
  }
}

function rowDescription(column: string): Buffer {
  const tableAndAttribute = Buffer.alloc(6);
  return message('T', int16(1), text(column), tableAndAttribute, int32(TEXT_TYPE), int16(-1), int32(-1), int16(0));
}

function dataRow(value: string): Buffer {
  const bytes = Buffer.from(value);
  return message('D', int16(1), int32(bytes.length), bytes);
}

function ready(): Buffer {
  return message('Z', Buffer.from('I'));
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
