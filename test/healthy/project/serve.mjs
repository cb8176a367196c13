/** A server of vite for a developer: started, asked for the page and a module, closed. */
import { createServer } from 'vite';

const server = await createServer({
  configFile: false,
  logLevel: 'error',
  server: { port: 0, ws: false, host: '127.0.0.1' },
});
await server.listen();
const { port } = server.httpServer.address();
for (const path of ['/', '/src/main.ts']) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  console.log(path, answer.status, (await answer.text()).includes('greet'));
}
await server.close();
