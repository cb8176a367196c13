/** The web server: finds the route of a request and sends what the route answers. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { bestsellers } from './routes/bestsellers.ts';
import { book } from './routes/book.ts';
import { invoice } from './routes/invoice.ts';
import { login } from './routes/login.ts';
import { newsletter } from './routes/newsletter.ts';
import { priceList } from './routes/price-list.ts';
import { recommend } from './routes/recommend.ts';
import { report } from './routes/report.ts';
import { reviews } from './routes/reviews.ts';
import { transfer } from './routes/transfer.ts';
import { BadRequest } from './shop.ts';
import type { Route, Shop } from './shop.ts';

const routes = new Map<string, Route>([
  ['GET /book', book],
  ['GET /bestsellers', bestsellers],
  ['GET /report', report],
  ['GET /reviews', reviews],
  ['GET /recommend', recommend],
  ['GET /price-list', priceList],
  ['GET /invoice', invoice],
  ['POST /login', login],
  ['POST /transfer', transfer],
  ['POST /newsletter', newsletter],
]);

export function createShopServer(shop: Shop): Server {
  return createServer((request, response) => void answer(shop, request, response));
}

async function answer(shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://shop');
  const route = routes.get(`${request.method} ${url.pathname}`);
  if (route === undefined) return send(response, 404, { routes: [...routes.keys()] });
  try {
    send(response, 200, await route(shop, url.searchParams));
  } catch (error) {
    send(response, error instanceof BadRequest ? 400 : 500, { error: String(error) });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
