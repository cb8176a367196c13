// a hundred tasks that sleep
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function job() {
  await sleep(30_000); // expect: pending-at-exit
}

let count = 0;
const arrivals = setInterval(() => {
  job();
  if (++count === 70) {
    clearInterval(arrivals);
    setTimeout(() => process.exit(0), 20);
  }
}, 1);
