// a lock made by hand that is a chain of promises, taken again by who has it
let tail = Promise.resolve();

function lock() {
  let unlock;
  const before = tail;
  tail = new Promise((resolve) => (unlock = resolve));
  return before.then(() => unlock);
}

async function save() {
  const unlock = await lock(); // expect: lock-cycle
  console.log('saved');
  unlock();
}

async function close() {
  const unlock = await lock();
  await save();
  unlock();
}

setTimeout(close, 10);
