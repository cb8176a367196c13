// Does nothing until a test tells it to, through `globalThis.idle`.
setInterval(() => {}, 3_600_000);

async function pick(lock) {
  await lock;
}

async function serve() {
  const lock = new Promise(() => {});
  await Promise.all([pick(lock), pick(lock)]);
}

globalThis.idle = { serve: () => void serve(), close: () => setTimeout(() => process.exit(0)) };
console.log('idle');
