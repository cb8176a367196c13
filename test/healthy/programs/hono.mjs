/** A hono server that streams its answer. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';

const app = new Hono();
app.get('/stream', (c) =>
  stream(c, async (out) => {
    for (let i = 0; i < 3; i++) {
      await out.write(`${i} `);
      await out.sleep(2);
    }
  }),
);
const server = await new Promise((resolve) => {
  const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
});
const answer = await fetch(`http://127.0.0.1:${server.address().port}/stream`);
console.log(await answer.text());
server.close();
