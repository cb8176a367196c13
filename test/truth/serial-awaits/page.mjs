// a request handler that loads three things one after the other
import { createServer } from 'node:http';

const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const getUser = (id) => sleep(190, { id });
const getOrders = async (id) => [await sleep(210, id)];
const getPrices = () => sleep(200, { apple: 3 });

async function page(id) {
  const user = await getUser(id); // expect: serial-awaits
  const orders = await getOrders(id);
  const prices = await getPrices();
  return { user, orders, prices };
}

const server = createServer(async (request, response) => {
  response.end(JSON.stringify(await page(request.url)));
});
server.listen(0, async () => {
  for (let i = 0; i < 6; i++) await (await fetch(`http://127.0.0.1:${server.address().port}/${i}`)).text();
  server.close();
});
