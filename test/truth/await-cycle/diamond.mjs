// two tasks share a third: no cycle
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const shared = sleep(80);

async function left() {
  await shared;
}
async function right() {
  await shared;
}
async function main() {
  const both = [left(), right()];
  await Promise.all(both);
}

await main();
