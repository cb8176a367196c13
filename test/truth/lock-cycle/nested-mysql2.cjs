// two tasks of mysql2 that each have one of two connections and want another one
const mysql = require('mysql2');
const { createPool } = require('mysql2/promise');

const server = mysql.createServer((connection) => {
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: '8',
    connectionId: 1,
    statusFlags: 2,
    characterSet: 8,
    capabilityFlags: 0xffffff,
  });
  connection.on('error', () => {});
});

async function count(pool) {
  const connection = await pool.getConnection(); // expect: lock-cycle
  connection.release();
}

async function order(pool) {
  const connection = await pool.getConnection();
  await count(pool);
  connection.release();
}

server.listen(0, '127.0.0.1', () => {
  const pool = createPool({
    host: '127.0.0.1',
    port: server._server.address().port,
    user: 'shop',
    connectionLimit: 2,
  });
  order(pool);
  order(pool);
});
setTimeout(() => process.exit(), 4000);
