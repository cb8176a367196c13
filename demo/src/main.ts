/** Starts the bookshop: its database, the review service, and the web server on BOOKSHOP_PORT (default 3000). */
import books from '../data/books.json';
import { Cache } from './cache.ts';
import { Pool } from './database/pool.ts';
import { startDatabase } from './database/server.ts';
import { JobQueue } from './job-queue.ts';
import { listen } from './listen.ts';
import { startReviewService } from './review-service.ts';
import { createShopServer } from './server.ts';

process.once('SIGTERM', () => process.exit(0));

const [databasePort, reviewService] = await Promise.all([startDatabase(books), startReviewService()]);
const server = createShopServer({
  catalogue: new Pool(databasePort, 5),
  reports: new Pool(databasePort, 2),
  bookCache: new Cache(60_000),
  mail: new JobQueue(2),
  reviewService,
});

try {
  const port = await listen(server, Number(process.env['BOOKSHOP_PORT'] ?? 3000));
  console.log(`The bookshop is open: http://127.0.0.1:${port}`);
} catch (error) {
  console.error(`The bookshop can't open (${String(error)}). Set BOOKSHOP_PORT to another port.`);
  process.exit(1);
}
