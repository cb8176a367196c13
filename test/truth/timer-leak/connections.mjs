// a heartbeat for each open connection
import { connect, createServer } from 'node:net';

let open = 0;
const server = createServer((socket) => {
  const heartbeat = setInterval(() => socket.write('?'), 30_000);
  socket.on('close', () => clearInterval(heartbeat));
  if (++open === 60) process.exit(0);
}).listen(0, '127.0.0.1', arrive);

function arrive() {
  connect(server.address().port, '127.0.0.1', arrive);
}
