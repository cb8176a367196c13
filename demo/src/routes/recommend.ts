/** GET /recommend: compares every customer with every other one in one go; the loop can't turn until it is done. */
import type { Route } from '../shop.ts';

const CUSTOMERS = 4000;
const GENRES = 12;
const tastes = Array.from({ length: CUSTOMERS }, (_, customer) => tasteOf(customer));

export const recommend: Route = async () => {
  const closest = tastes.map((taste) => closestCustomer(taste));
  return { customers: closest.length };
};

function closestCustomer(mine: number[]): number {
  let best = -1;
  let bestScore = -Infinity;
  for (const [customer, theirs] of tastes.entries()) {
    if (theirs === mine) continue;
    let score = 0;
    for (let genre = 0; genre < GENRES; genre += 1) score += (mine[genre] ?? 0) * (theirs[genre] ?? 0);
    if (score > bestScore) [best, bestScore] = [customer, score];
  }
  return best;
}

/** How much a customer likes each genre, from -1 to 1. */
function tasteOf(customer: number): number[] {
  return Array.from({ length: GENRES }, (_, genre) => Math.sin(customer * (genre + 1)));
}
