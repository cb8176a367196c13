// a search that ends with the first that fits, and loads too short to matter
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const loadShard = (id) => sleep(70, { id, hit: id === 9 });
const getFlag = (name) => sleep(3, name);

async function search(ids) {
  for (const id of ids) {
    const shard = await loadShard(id);
    if (shard.hit) return shard;
  }
  return undefined;
}

async function flags() {
  const dark = await getFlag('dark');
  const beta = await getFlag('beta');
  const fast = await getFlag('fast');
  return [dark, beta, fast];
}

for (let i = 0; i < 3; i++) {
  await search(Array.from({ length: 12 }, (_, id) => id));
  await flags();
}
