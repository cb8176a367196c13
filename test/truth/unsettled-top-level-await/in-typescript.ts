// a typed configuration that is never published
interface Config {
  port: number;
}
let publish: (config: Config) => void = () => {};
const published = new Promise<Config>((resolve) => (publish = resolve));

async function port(): Promise<number> {
  const config = await published;
  return config.port;
}

if (process.argv.includes('--publish')) publish({ port: 80 });
console.log(await port()); // expect: unsettled-top-level-await
