// a server that waits for connections, and a connection that waits for data
// options: --duration 400
// settings: { "longWait": { "minMs": 20 } }
import { connect, createServer } from 'node:net';

async function read(socket) {
  for await (const chunk of socket) console.log(chunk.length);
}

const server = createServer((socket) => read(socket)).listen(0, '127.0.0.1', () => {
  connect(server.address().port, '127.0.0.1');
});
