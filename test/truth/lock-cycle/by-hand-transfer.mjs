// locks made by hand of accounts, taken in the order of the arguments
const waiting = new Map();

async function lock(name) {
  const queue = waiting.get(name);
  if (queue === undefined) return void waiting.set(name, []);
  await new Promise((resolve) => queue.push(resolve));
}

function unlock(name) {
  const next = waiting.get(name).shift();
  if (next) next();
  else waiting.delete(name);
}

async function transfer(from, to) {
  await lock(from);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await lock(to); // expect: lock-cycle
  unlock(to);
  unlock(from);
}

transfer('ada', 'bob');
transfer('bob', 'ada');
