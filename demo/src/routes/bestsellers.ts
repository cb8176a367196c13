/** GET /bestsellers: waits half a minute for a query that the database is slow to answer. */
import type { Route } from '../shop.ts';

export const bestsellers: Route = async (shop) => {
  const sales = await shop.catalogue.use((connection) => connection.query('sales', 'all'));
  return sales;
};
