/** A koa server with nested middleware and a stream as body. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import Koa from 'koa';

const app = new Koa();
app.silent = true;
app.use(async (context, next) => {
  await next();
  context.set('x-answered', 'yes');
});
app.use(async (context) => {
  if (context.path === '/fail') context.throw(418, 'meant');
  if (context.path === '/file') context.body = createReadStream(import.meta.filename ?? process.argv[1]);
  else context.body = { path: context.path };
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
for (const path of ['/a', '/fail', '/file', '/b']) {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`);
  console.log(path, answer.status, (await answer.text()).length);
}
server.closeAllConnections();
server.close();
