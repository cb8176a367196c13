// tasks of mysql2 that give their connection back before they ask for another one
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
  connection.on('query', () => {
    connection.sequenceId = 1;
    setTimeout(() => connection.writeOk(), 400);
  });
  connection.on('error', () => {});
});

async function query(pool, text) {
  const connection = await pool.getConnection();
  await connection.query(text);
  connection.release();
}

async function order(pool) {
  await query(pool, 'insert into orders values (7)');
  await query(pool, 'select count(*) from orders');
}

server.listen(0, '127.0.0.1', async () => {
  const pool = createPool({ host: '127.0.0.1', port: server._server.address().port, user: 'shop', connectionLimit: 1 });
  await Promise.all([order(pool), order(pool)]);
  process.exit();
});
