/** Stands in for the review service of another company; it never answers for one of the books. */
import { createServer } from 'node:http';
import { listen } from './listen.ts';

const NEVER_ANSWERED = '7';

/** Starts the service and tells its address. */
export async function startReviewService(): Promise<string> {
  const server = createServer((request, response) => {
    const book = new URL(request.url ?? '/', 'http://reviews').searchParams.get('book');
    if (book === NEVER_ANSWERED) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ book, stars: 4.5 }));
  });
  return `http://127.0.0.1:${await listen(server)}`;
}
