// a task that still polls when the run is cut off
// options: --duration 2500
const queue = [];

async function nextJob() {
  while (queue.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // expect: busy-polling
  }
  return queue.shift();
}

await nextJob();
