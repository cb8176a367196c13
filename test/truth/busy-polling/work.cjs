// a loop that sleeps a few milliseconds between pieces of work
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const done = [];

function step(i) {
  done.push(Math.sqrt(i));
}

async function simulate() {
  for (let i = 0; i < 400; i++) {
    step(i);
    await sleep(5);
  }
}

simulate();
