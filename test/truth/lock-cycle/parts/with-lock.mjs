/** Locks by name, and a function that runs others with one of them. */
const waiting = new Map();

function acquire(name) {
  const queue = waiting.get(name);
  if (queue !== undefined) return new Promise((resolve) => queue.push(resolve));
  waiting.set(name, []);
  return Promise.resolve();
}

function release(name) {
  const next = waiting.get(name).shift();
  if (next) next();
  else waiting.delete(name);
}

export async function withLock(name, work) {
  await acquire(name);
  try {
    return await work();
  } finally {
    release(name);
  }
}
