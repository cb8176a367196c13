/** A hapi server with a cache in front of a slow method. */
import Hapi from '@hapi/hapi';

const server = Hapi.server({ port: 0, host: '127.0.0.1' });
const slow = async (n) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return n * n;
};
server.method('square', slow, { cache: { expiresIn: 10_000, generateTimeout: 1000 } });
server.route({
  method: 'GET',
  path: '/{n}',
  handler: async ({ params }) => server.methods.square(Number(params.n)),
});
await server.start();
const answers = await Promise.all([2, 3, 2, 4].map((n) => fetch(`${server.info.uri}/${n}`)));
console.log(await Promise.all(answers.map((answer) => answer.text())));
await server.stop();
