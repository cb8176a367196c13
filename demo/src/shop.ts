/** What the routes work with: the parts of the shop, put together once at start. */
import type { Cache } from './cache.ts';
import type { Pool } from './database/pool.ts';
import type { JobQueue } from './job-queue.ts';

export interface Book {
  id: number;
  title: string;
  author: string;
  cents: number;
  stock: number;
}

export interface Shop {
  catalogue: Pool;
  /** Reports have their own few connections, so that they can't slow the shop down. */
  reports: Pool;
  bookCache: Cache<Book>;
  mail: JobQueue;
  /** Address of the review service, which another company runs. */
  reviewService: string;
}

/** Answers one request with something to send as JSON. */
export type Route = (shop: Shop, query: URLSearchParams) => Promise<unknown>;

/** The visitor's mistake: answered with 400 instead of 500. */
export class BadRequest extends Error {}
