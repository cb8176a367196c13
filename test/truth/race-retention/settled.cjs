// A promise that was in a thousand races and is settled by now
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function main() {
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  for (let i = 0; i < 1500; i++) await Promise.race([finished, turn()]);
  finish();
  await finished;
  setTimeout(() => process.exit(), 100);
}

setImmediate(main);
