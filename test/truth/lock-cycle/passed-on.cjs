// a transaction of pg that passes its connection on
const { Pool } = require('pg');

class Client extends require('node:events') {
  _queryable = true;

  connect(done) {
    setTimeout(done, 5);
  }
  query() {
    return new Promise((resolve) => setTimeout(resolve, 600, { rows: [] }));
  }
  end(done) {
    done?.();
  }
}

const pool = new Pool({ Client, max: 1, idleTimeoutMillis: 100 });

async function audit(client) {
  await client.query('insert into log');
}

async function transfer() {
  const client = await pool.connect();
  await client.query('begin');
  await audit(client);
  client.release();
}

transfer();
transfer();
