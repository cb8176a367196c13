/** POST /login?password=secret: hashes the password on the main thread; meanwhile nobody else is served. */
import { pbkdf2Sync } from 'node:crypto';
import type { Route } from '../shop.ts';

export const login: Route = async (_shop, query) => {
  // The mistake: the synchronous call. `pbkdf2` hashes on a pool thread.
  const hash = pbkdf2Sync(query.get('password') ?? '', 'salt', 1_000_000, 64, 'sha512');
  return { session: hash.toString('hex').slice(0, 16) };
};
