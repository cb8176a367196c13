// a transaction of pg that asks its pool, of one connection, for another one
const { Pool } = require('pg');

class Client extends require('node:events') {
  _queryable = true;

  connect(done) {
    setTimeout(done, 5);
  }
  query(_text, done) {
    if (done) setTimeout(done, 5, null, { rows: [] });
    return done ? undefined : new Promise((resolve) => setTimeout(resolve, 5, { rows: [] }));
  }
  end(done) {
    done?.();
  }
}

const pool = new Pool({ Client, max: 1 });

async function audit(text) {
  const client = await pool.connect(); // expect: lock-cycle
  await client.query(text);
  client.release();
}

async function transfer() {
  const client = await pool.connect();
  await client.query('begin');
  await audit('insert into log');
  await client.query('commit');
  client.release();
}

transfer();
setTimeout(() => process.exit(), 4000);
