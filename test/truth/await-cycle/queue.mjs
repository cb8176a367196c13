// jobs chained one after the other, one of which awaits the end of its own chain
let tail = Promise.resolve();

function enqueue(job) {
  tail = tail.then(job);
  return tail;
}

async function cleanUp() {
  await enqueue(async () => {}); // expect: await-cycle
}

enqueue(cleanUp);
