/** A pool of database connections: who finds all of them taken waits for one to come back. */
import { connect } from './connection.ts';
import type { Connection } from './connection.ts';

export class Pool {
  readonly #port: number;
  readonly #size: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #opened = 0;

  constructor(port: number, size: number) {
    this.#port = port;
    this.#size = size;
  }

  /** Lends a connection; every one must come back through `release`. */
  async acquire(): Promise<Connection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#opened < this.#size) {
      this.#opened += 1;
      return connect(this.#port);
    }
    const returned = await new Promise<Connection>((resolve) => this.#waiting.push(resolve));
    return returned;
  }

  release(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }

  /** Lends a connection for the time of `work`: the way that can't forget to give it back. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    try {
      return await work(connection);
    } finally {
      this.release(connection);
    }
  }
}
