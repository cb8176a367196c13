// two locks taken by acquire and release in opposite order, in two functions
const { Mutex } = require('async-mutex');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const orders = new Mutex();
const stock = new Mutex();

async function ship() {
  const release = await orders.acquire();
  try {
    await sleep(5);
    const releaseStock = await stock.acquire(); // expect: lock-cycle
    releaseStock();
  } finally {
    release();
  }
}

async function recount() {
  const release = await stock.acquire();
  try {
    await sleep(5);
    const releaseOrders = await orders.acquire();
    releaseOrders();
  } finally {
    release();
  }
}

ship();
recount();
