// promises that take a while at the start, before the program waits for anything: start-up
async function main() {
  const until = performance.now() + 500;
  while (performance.now() < until) {
    await load();
  }
}

async function load() {
  return 1;
}

void main().then(() => setTimeout(() => {}, 500));
