/** got, axios, node-fetch and undici against one server: retries, streams, time limits, aborted requests. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import axios from 'axios';
import got from 'got';
import nodeFetch from 'node-fetch';
import { Agent, Pool, request, stream } from 'undici';

let failures = 1;
const server = createServer((req, res) => {
  if (req.url === '/never') return;
  if (req.url === '/flaky' && failures-- > 0) res.statusCode = 503;
  res.end(`${req.method} ${req.url}`);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;

console.log(
  await got(`${base}/flaky`, { retry: { calculateDelay: ({ computedValue }) => computedValue && 5 } }).text(),
);
console.log((await axios.get(`${base}/axios`)).data, (await axios.post(`${base}/axios`, { a: 1 })).data);
console.log(await (await nodeFetch(`${base}/node-fetch`)).text());
await pipeline(got.stream(`${base}/stream`), async (chunks) => {
  for await (const chunk of chunks) console.log(String(chunk));
});
const pool = new Pool(base, { connections: 2 });
const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => pool.request({ path: `/${i}`, method: 'GET' })));
console.log((await Promise.all(answers.map(({ body }) => body.text()))).join());
await pool.close();
const agent = new Agent();
await stream(`${base}/out`, { dispatcher: agent }, () => process.stdout);
console.log(`\n${await (await request(`${base}/last`, { dispatcher: agent })).body.text()}`);
await agent.close();

const name = (error) => console.log(error.name);
await axios.get(`${base}/never`, { timeout: 20 }).catch(name);
await got(`${base}/never`, { timeout: { request: 20 }, retry: { limit: 0 } }).catch(name);
await fetch(`${base}/never`, { signal: AbortSignal.timeout(20) }).catch(name);
const controller = new AbortController();
setTimeout(() => controller.abort(), 10);
await nodeFetch(`${base}/never`, { signal: controller.signal }).catch(name);
server.closeAllConnections();
server.close();
