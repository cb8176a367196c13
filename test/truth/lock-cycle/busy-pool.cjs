// a pool that is empty for a while, but gets its connections back
const { createPool } = require('generic-pool');

const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { max: 2 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function request() {
  const connection = await pool.acquire();
  await sleep(40);
  await pool.release(connection);
}

for (let i = 0; i < 6; i++) request();
