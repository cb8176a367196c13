/** GET /price-list: reads a file anew for each line of the list, and waits for the disk each time. */
import { readFileSync } from 'node:fs';
import type { Book, Route } from '../shop.ts';

const BOOKS_FILE = new URL('../data/books.json', import.meta.url);
const IDS = [1, 2, 3, 4, 5, 6, 7, 8];

export const priceList: Route = async () => {
  return IDS.map((id) => {
    // The mistake: a synchronous read, and eight of them.
    const books: Book[] = JSON.parse(readFileSync(BOOKS_FILE, 'utf8'));
    const book = books.find((candidate) => candidate.id === id);
    return `${book?.title}: ${book?.cents} cents`;
  });
};
