// many tasks that only sleep
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function player() {
  await sleep(30_000); // expect: pending-at-exit
}

for (let i = 0; i < 1200; i++) player();
setTimeout(() => process.exit(0), 20);
