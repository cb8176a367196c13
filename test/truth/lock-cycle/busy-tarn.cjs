// a full tarn pool whose desks are given back in time
const { Pool } = require('tarn');

const desks = new Pool({ create: async () => ({}), destroy() {}, min: 0, max: 2 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function write(ms) {
  const desk = await desks.acquire().promise;
  await sleep(ms);
  desks.release(desk);
}

Promise.all([1200, 1300, 600, 500].map(write)).then(() => desks.destroy());
