// a request that is slow, but not that slow
// options: --duration 400
// settings: { "longWait": { "minMs": 60000 } }
import { createServer } from 'node:http';

const server = createServer(() => {}).listen(0, '127.0.0.1', load);

async function load() {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/stock`);
  return response.json();
}
