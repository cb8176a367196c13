/** One connection to the database; answers come in the order of the queries. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

export class Connection {
  readonly #socket: Socket;
  readonly #unanswered: ((line: string) => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#unanswered.shift()?.(line));
  }

  /** Asks for the row `key` of `table`. */
  async query<T>(table: string, key: number | string): Promise<T> {
    const line = await new Promise<string>((resolve) => {
      this.#unanswered.push(resolve);
      this.#socket.write(`${table} ${key}\n`);
    });
    return JSON.parse(line);
  }
}

/** Opens a connection; fails when the database can't be reached. */
export async function connect(port: number): Promise<Connection> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return new Connection(socket);
}
