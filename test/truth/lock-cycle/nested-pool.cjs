// every connection of a pool is had by a task that wants another one
const { createPool } = require('generic-pool');

const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { max: 2 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function audit(connection) {
  const other = await pool.acquire(); // expect: lock-cycle
  await pool.release(other);
  return connection;
}

async function request() {
  const connection = await pool.acquire();
  await sleep(5);
  await audit(connection);
  await pool.release(connection);
}

request();
request();
