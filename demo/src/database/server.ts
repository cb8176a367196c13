/** Stands in for a database server: a TCP server on the loopback that answers `TABLE KEY` lines with lines of JSON. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { listen } from '../listen.ts';
import type { Book } from '../shop.ts';

const QUICK_MS = 8;
const SLOW_MS = 30_000;

/** Starts the server and tells its port. */
export async function startDatabase(books: Book[]): Promise<number> {
  return listen(createServer((socket) => serve(socket, books)));
}

function serve(socket: Socket, books: Book[]): void {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket }).on('line', (line) => {
    const [table = '', key = ''] = line.split(' ');
    // Counting every sale of all time takes long: there is no index.
    const delay = table === 'sales' && key === 'all' ? SLOW_MS : QUICK_MS;
    setTimeout(() => socket.write(`${JSON.stringify(select(books, table, key))}\n`), delay);
  });
}

function select(books: Book[], table: string, key: string): unknown {
  const book = books.find(({ id }) => id === Number(key));
  if (table === 'book') return book ?? null;
  if (table === 'stock') return book?.stock ?? 0;
  if (table === 'sales') return { period: key, sold: 120, cents: 118_900 };
  return null;
}
