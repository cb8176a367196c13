/** pg, knex and ioredis: pools, a transaction, pipelines and a subscriber that waits all the time. */
import { Redis } from 'ioredis';
import knex from 'knex';
import pg from 'pg';

const { POSTGRES_PORT, REDIS_PORT } = process.env;
const pool = new pg.Pool({ host: '127.0.0.1', port: Number(POSTGRES_PORT), user: 'me', database: 'shop', max: 3 });
const rows = await Promise.all(Array.from({ length: 10 }, (_, i) => pool.query('SELECT $1', [String(i)])));
console.log(rows.length, rows[0].rows);
const client = await pool.connect();
try {
  await client.query('BEGIN');
  console.log((await client.query('SELECT 1')).rowCount);
  await client.query('COMMIT');
} finally {
  client.release();
}
await pool.end();

const connection = { host: '127.0.0.1', port: Number(POSTGRES_PORT), user: 'me', database: 'shop' };
const db = knex({ client: 'pg', version: '16.0', connection, pool: { min: 0, max: 2 } });
console.log(await Promise.all([1, 2, 3].map((id) => db.select('value').from('items').where({ id }))));
await db.transaction((trx) => trx('items').select());
await db.destroy();

const redis = new Redis({ port: Number(REDIS_PORT) });
console.log(await redis.get('a'), await Promise.all(['b', 'c'].map((key) => redis.get(key))));
console.log(await redis.pipeline().get('d').set('e', '1').exec());
const blocked = redis.duplicate();
console.log(await blocked.blpop('jobs', 0));
await Promise.all([redis.quit(), blocked.quit()]);
