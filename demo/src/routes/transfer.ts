/** POST /transfer?from=london&to=paris: moves stock between two shops. Two transfers in opposite directions lock each other out. */
import { setTimeout as delay } from 'node:timers/promises';
import { Lock } from '../lock.ts';
import { BadRequest } from '../shop.ts';
import type { Route, Shop } from '../shop.ts';

const branches = new Map([
  ['london', new Lock()],
  ['paris', new Lock()],
]);

export const transfer: Route = async (shop, query) => {
  const from = branches.get(query.get('from') ?? '');
  const to = branches.get(query.get('to') ?? '');
  if (from === undefined || to === undefined || from === to) throw new BadRequest('Name two shops: london, paris.');
  // The mistake: the order of the locks depends on the request.
  await from.run(() => moveBook(shop, to));
  return { moved: 1 };
};

async function moveBook(shop: Shop, to: Lock): Promise<void> {
  await takeFromShelf(shop);
  await to.run(() => putOnShelf(shop));
}

/** A walk to the shelf: time enough for the transfer in the other direction to begin. */
const WALK_MS = 200;

async function takeFromShelf(shop: Shop): Promise<void> {
  await delay(WALK_MS);
  await shop.catalogue.use((connection) => connection.query('stock', 1));
}

async function putOnShelf(shop: Shop): Promise<void> {
  await shop.catalogue.use((connection) => connection.query('stock', 1));
}
