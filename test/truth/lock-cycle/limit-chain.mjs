// A lock made by hand that is a chain of promises, each settled by the one whose turn it is
let tail = Promise.resolve();

function lock() {
  let unlock;
  const before = tail;
  tail = new Promise((resolve) => (unlock = resolve));
  return before.then(() => unlock);
}

async function save() {
  const unlock = await lock(); // expect: pending-at-exit
  console.log('saved');
  unlock();
}

async function close() {
  const unlock = await lock();
  await save(); // missed: lock-cycle
  unlock();
}

setTimeout(close, 10);
