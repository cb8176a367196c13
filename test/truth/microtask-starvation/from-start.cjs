// a loop over promises that are there already, before the event loop has started
const untilMs = 3_000_000;

async function main() {
  while (process.cpuUsage().user < untilMs) {
    await load(); // expect: microtask-starvation
  }
}

async function load() {
  return 1;
}

void main();
