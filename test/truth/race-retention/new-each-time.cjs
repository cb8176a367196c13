// Races with a promise of their own each, settled at the end
async function limited(work) {
  let give;
  const limit = new Promise((resolve) => (give = resolve));
  try {
    return await Promise.race([work, limit]);
  } finally {
    give();
  }
}

async function main() {
  for (let i = 0; i < 1500; i++) await limited(new Promise((resolve) => setImmediate(resolve)));
  process.exit();
}

setImmediate(main);
