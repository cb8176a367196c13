// the same in an ES module, whose end waits for it
async function main() {
  const until = process.cpuUsage().user + 3_000_000;
  while (process.cpuUsage().user < until) {
    await load(); // expect: microtask-starvation
  }
}

async function load() {
  return 1;
}

await main();
