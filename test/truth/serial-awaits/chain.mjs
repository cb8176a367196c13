// awaits in a row that each need the one before
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const getUser = (name) => sleep(80, { id: name.length });
const getOrders = (id) => sleep(80, [{ id, item: 7 }]);
const getItem = (id) => sleep(80, { id });

async function page(name) {
  const user = await getUser(name);
  const orders = await getOrders(user.id);
  const { item } = orders[0];
  const details = await getItem(item);
  return { user, orders, details };
}

for (let i = 0; i < 5; i++) await page('ada');
