/** GET /report?month=5: the sales of a month. A month that doesn't exist leaks a connection; after two, every report hangs. */
import { BadRequest } from '../shop.ts';
import type { Route } from '../shop.ts';

export const report: Route = async (shop, query) => {
  const connection = await shop.reports.acquire();
  const month = Number(query.get('month'));
  // The mistake: this throws between acquire and release. Pool.use would give the connection back.
  if (!(month >= 1 && month <= 12)) throw new BadRequest(`There is no month ${month}.`);
  const sales = await connection.query('sales', month);
  shop.reports.release(connection);
  return sales;
};
