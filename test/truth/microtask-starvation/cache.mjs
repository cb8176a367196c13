// a queue worked off with awaits on what is in a cache already
const cache = new Map();
const load = async (key) => cache.get(key);

async function drain(untilMs) {
  let count = 0;
  while (Date.now() < untilMs) {
    await load(count++); // expect: microtask-starvation
  }
  return count;
}

setTimeout(() => drain(Date.now() + 600), 700);
