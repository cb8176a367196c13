// the same loads, awaited together
const sleep = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value));
const getUser = (id: number) => sleep(90, { id });
const getOrders = (id: number) => sleep(110, [id]);
const getPrices = () => sleep(100, { apple: 3 });

async function page(id: number): Promise<unknown> {
  const [user, orders, prices] = await Promise.all([getUser(id), getOrders(id), getPrices()]);
  return { user, orders, prices };
}

for (let i = 0; i < 10; i++) await page(i);
