/** GET /reviews?id=1: asks the review service. For book 7 it never answers, and nobody set a time limit. */
import type { Route } from '../shop.ts';

export const reviews: Route = async (shop, query) => {
  // The mistake: no `signal: AbortSignal.timeout(...)`.
  const response = await fetch(`${shop.reviewService}/?book=${query.get('id')}`);
  const stars: unknown = await response.json();
  return stars;
};
