// Results that are lost because their await was forgotten
import { setTimeout as sleep } from 'node:timers/promises';

const owners = new Map([['book', 'ann']]);

async function isOwner(user, thing) {
  await sleep(5);
  return owners.get(thing) === user;
}

class Prices {
  async find(thing) {
    const price = await sleep(5, 12);
    return { thing, price };
  }
}

async function sell(user, thing, prices) {
  isOwner(user, thing); // expect: floating-promise
  await sleep(20);
  prices.find(thing); // expect: floating-promise
  await sleep(20);
  return thing;
}

setTimeout(() => void sell('bob', 'book', new Prices()), 10);
