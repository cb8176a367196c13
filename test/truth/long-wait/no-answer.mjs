// a request to a server that does not answer
// options: --duration 900
// settings: { "longWait": { "minMs": 20 } }
import { createServer } from 'node:http';

const server = createServer(() => {}).listen(0, '127.0.0.1', load);

async function load() {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/stock`); // expect: long-wait
  return response.json();
}
