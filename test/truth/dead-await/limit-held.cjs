// A promise that a list still holds, though nobody ever settles it
// options: --duration 2200
// node: --expose-gc
const calls = [];

async function request(id) {
  const reply = new Promise((resolve) => calls.push({ id, resolve }));
  await reply; // missed: dead-await
}

setTimeout(request, 10, 1);
setInterval(() => gc(), 400);
setTimeout(() => calls.length, 60_000);
