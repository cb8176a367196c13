// a queue worked off with awaits on what is in a cache already
const cache = new Map();
const load = async (key) => cache.get(key);

async function drain(until) {
  let count = 0;
  while (process.cpuUsage().user < until) {
    await load(count++); // expect: microtask-starvation
  }
  return count;
}

setTimeout(() => drain(process.cpuUsage().user + 400_000), 700);
