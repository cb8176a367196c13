// entries of a cache that expire by reactions to sleeps
import { setTimeout as sleep } from 'node:timers/promises';

const cache = new Map();
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function remember(key, value) {
  cache.set(key, value);
  void sleep(30_000).then(() => cache.delete(key));
  void later(30_000).then(() => cache.delete(key));
}

for (let i = 0; i < 70; i++) {
  remember(i, 'value');
  await later(1);
}
process.exit(0);
