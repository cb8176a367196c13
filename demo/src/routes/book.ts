/** GET /book?id=1: one book, from the cache or the database. This route is healthy; compare the others with it. */
import { BadRequest } from '../shop.ts';
import type { Book, Route, Shop } from '../shop.ts';

export const book: Route = async (shop, query) => {
  const id = query.get('id') ?? '';
  const [found, stock] = await Promise.all([
    shop.bookCache.get(id, () => loadBook(shop, id)),
    shop.catalogue.use((connection) => connection.query<number>('stock', id)),
  ]);
  return { ...found, stock };
};

async function loadBook(shop: Shop, id: string): Promise<Book> {
  const found = await shop.catalogue.use((connection) => connection.query<Book | null>('book', id));
  if (found === null) throw new BadRequest(`There is no book ${id}.`);
  return found;
}
