/** Workload: a fastify server with an async hook and an async handler that awaits twice, as services do. */
import fastify from 'fastify';
import { answerCommands, cpuCommands } from './commands.mjs';

const books = new Map([[7, { id: 7, title: 'a book' }]]);

async function findBook(id) {
  return books.get(id);
}

async function loadBook(id) {
  const book = await findBook(id);
  return { ...book, id };
}

const app = fastify();
app.addHook('onRequest', async () => {});
app.get('/', async function getBook() {
  const book = await loadBook(7);
  return book;
});
await app.listen({ port: 0, host: '127.0.0.1' });

answerCommands({ port: () => app.server.address().port, ...cpuCommands() });
