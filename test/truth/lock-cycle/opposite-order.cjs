// two accounts locked in opposite order
const { Mutex } = require('async-mutex');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const accounts = { mine: new Mutex(), yours: new Mutex() };

async function transfer(from, to) {
  await accounts[from].runExclusive(async () => {
    await sleep(5);
    await accounts[to].runExclusive(() => sleep(1)); // expect: lock-cycle
  });
}

transfer('mine', 'yours');
transfer('yours', 'mine');
