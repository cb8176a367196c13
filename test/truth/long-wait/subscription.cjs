// a subscription of nats without messages, and whoever waits for the end of its connection
// options: --duration 900
// settings: { "longWait": { "minMs": 20 } }
const { connect } = require('nats');
const { createServer } = require('node:net');

const INFO = { server_id: 'a', version: '2.10.0', proto: 1, headers: true, max_payload: 1 << 20 };

const server = createServer((socket) => {
  socket.on('data', (data) => void (String(data).includes('PING') && socket.write('PONG\r\n')));
  socket.write(`INFO ${JSON.stringify(INFO)}\r\n`);
}).listen(0, '127.0.0.1', main);

async function hear(connection) {
  for await (const message of connection.subscribe('orders.*')) console.log(message.subject);
}

async function closed(connection) {
  await connection.closed();
}

async function main() {
  const connection = await connect({ port: server.address().port });
  void hear(connection);
  void closed(connection);
}
