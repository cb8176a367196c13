// Node was told only to warn of rejections: the program goes on, and the work is lost all the same
// node: --unhandled-rejections=warn
async function save(order) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  throw new TypeError(`order ${order} has no price`); // expect: unhandled-rejection
}

async function onOrder(order) {
  await save(order);
}

setTimeout(() => void onOrder(17), 10);
setTimeout(() => {}, 200);
