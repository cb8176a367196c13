/** A fastify server with hooks, validation and a plugin: some requests side by side, then closed. */
import Fastify from 'fastify';

const app = Fastify();
app.decorate('greeting', 'hello');
app.addHook('onRequest', async () => {});
app.register(async (scope) => {
  const schema = { body: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } };
  scope.post('/double', { schema }, async (request) => ({ twice: request.body.n * 2 }));
  scope.get('/fail', async () => {
    throw new Error('meant');
  });
});
app.get('/:name', (request, reply) => {
  setTimeout(() => reply.send(`${app.greeting} ${request.params.name}`), 5);
});
const address = await app.listen({ port: 0, host: '127.0.0.1' });
const headers = { 'content-type': 'application/json' };
const post = (body) => fetch(`${address}/double`, { method: 'POST', headers, body: JSON.stringify(body) });
const answers = await Promise.all([
  ...['ann', 'bob', 'cleo'].map((name) => fetch(`${address}/${name}`)),
  post({ n: 21 }),
  post({ n: 'x' }),
  fetch(`${address}/fail`),
]);
for (const answer of answers) console.log(answer.status, (await answer.text()).slice(0, 40));
await app.close();
