/** GET /invoice?pages=0: prints an invoice. For an empty one the printer says nothing, and nobody ever settles the promise. */
import type { Route } from '../shop.ts';

/** Who waits for which print job. */
const waiting = new Map<number, (pages: number) => void>();
let lastJob = 0;

export const invoice: Route = async (_shop, query) => {
  const printed = await print(Number(query.get('pages')));
  return { printed };
};

function print(pages: number): Promise<number> {
  lastJob += 1;
  const job = lastJob;
  return new Promise((resolve) => {
    waiting.set(job, resolve);
    setTimeout(() => printerReports(job, pages), 20);
  });
}

function printerReports(job: number, pages: number): void {
  // The mistake: an empty job is ignored, so whoever waits for it stays in the map for ever.
  if (pages === 0) return;
  waiting.get(job)?.(pages);
  waiting.delete(job);
}
