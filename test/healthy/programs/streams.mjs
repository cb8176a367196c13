/** rxjs, lru-cache with concurrent fetches, a page of jsdom and a proxy: other styles of asynchronous code. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import httpProxy from 'http-proxy';
import { JSDOM } from 'jsdom';
import { LRUCache } from 'lru-cache';
import { firstValueFrom, interval, lastValueFrom, map, mergeMap, race, take, timer, toArray } from 'rxjs';

const numbers = interval(2).pipe(
  take(5),
  mergeMap((n) => timer(1).pipe(map(() => n))),
  toArray(),
);
console.log(await lastValueFrom(numbers), await firstValueFrom(race(timer(1), timer(60_000))));

const cache = new LRUCache({ max: 10, fetchMethod: async (key) => (await sleep(2), key.length) });
console.log(await Promise.all(['a', 'bb', 'a', 'bb'].map((key) => cache.fetch(key))));

const html = '<p id=p></p><script>setTimeout(() => { p.textContent = "done"; document.title = "x"; }, 5)</script>';
const { window } = new JSDOM(html, { runScripts: 'dangerously' });
while (window.document.title === '') await sleep(5);
console.log(window.document.getElementById('p').textContent);
window.close();

const target = createServer((_req, res) => res.end('behind the proxy'));
target.listen(0, '127.0.0.1');
await once(target, 'listening');
const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${target.address().port}` });
const front = createServer((req, res) => proxy.web(req, res));
front.listen(0, '127.0.0.1');
await once(front, 'listening');
console.log(await (await fetch(`http://127.0.0.1:${front.address().port}/`)).text());
for (const server of [front, target]) {
  server.closeAllConnections();
  server.close();
}
proxy.close();
