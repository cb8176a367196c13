/** POST /newsletter: queues 50 letters, which go out two at a time, and answers at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route, Shop } from '../shop.ts';

const SUBSCRIBERS = 50;
const MAIL_SERVER_MS = 10_000;

export const newsletter: Route = async (shop) => {
  for (let subscriber = 1; subscriber <= SUBSCRIBERS; subscriber += 1) void sendLetter(shop, subscriber);
  return { queued: SUBSCRIBERS };
};

async function sendLetter(shop: Shop, subscriber: number): Promise<void> {
  await shop.mail.run(() => deliver(`Dear reader ${subscriber}, ...`));
}

async function deliver(letter: string): Promise<void> {
  await sleep(MAIL_SERVER_MS, letter);
}
