// a loop that loads one item after the other
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

async function loadItem(id) {
  const price = await sleep(60, id * 2);
  return { id, price };
}

async function basket(ids) {
  let sum = 0;
  for (const id of ids) {
    const { price } = await loadItem(id); // expect: serial-awaits
    sum += price;
  }
  return sum;
}

basket(Array.from({ length: 35 }, (_, i) => i)).then(console.log);
