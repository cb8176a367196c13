// a loop in TypeScript that pushes what it fetches
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Part {
  name: string;
  text: string;
}

async function downloadPart(base: string, name: string): Promise<Part> {
  const response = await fetch(base + name);
  return { name, text: await response.text() };
}

async function downloads(base: string, names: readonly string[]): Promise<Part[]> {
  const parts: Part[] = [];
  for (const name of names) {
    parts.push(await downloadPart(base, name)); // expect: serial-awaits
  }
  return parts;
}

const server: Server = createServer((request, response) => void setTimeout(() => response.end(request.url), 100));
server.listen(0, async () => {
  const { port } = server.address() as AddressInfo;
  const parts = await downloads(
    `http://127.0.0.1:${port}/`,
    Array.from({ length: 20 }, (_, i) => `part-${i}`),
  );
  console.log(parts.length);
  server.close();
});
