// a task that awaits its own promise
let running;

async function refresh() {
  await null;
  await running; // expect: await-cycle
}

running = refresh();
