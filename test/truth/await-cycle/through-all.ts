// a plug-in that waits for all plug-ins, among them itself
interface Plugin {
  ready: Promise<void>;
}
const plugins: Plugin[] = [];

async function start(name: string): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 5));
  if (name === 'router') await Promise.all(plugins.map(({ ready }) => ready)); // expect: await-cycle
}

for (const name of ['log', 'router', 'views']) plugins.push({ ready: start(name) });
