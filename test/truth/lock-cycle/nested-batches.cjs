// a queue that runs one batch of two jobs at a time, whose batch awaits another job of the same queue
const async = require('async');

const rows = async.cargo(async (batch) => {
  if (batch.includes('first')) await rows.push('inner'); // expect: lock-cycle
}, 2);

async function store(row) {
  await rows.push(row);
}

void store('first');
void store('second');
