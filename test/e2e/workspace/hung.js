// Hangs: a test attaches to it when it does.
const answers = [];
async function loadStock() {
  await new Promise((resolve) => answers.push(resolve));
}

async function loadPrice() {
  await new Promise((resolve) => answers.push(resolve));
}

async function serve() {
  await Promise.all([loadStock(), loadPrice()]);
}

serve();
setInterval(() => {}, 3_600_000);
