// a connection of a pool that somebody has
// options: --duration 900
// settings: { "longWait": { "minMs": 20 } }
import { createPool } from 'generic-pool';

const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { max: 1 });

async function hold(): Promise<void> {
  await pool.use(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
}

async function query(): Promise<void> {
  await pool.acquire(); // expect: long-wait
}

hold();
query();
