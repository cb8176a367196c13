// Sleeps that lose their race and are aborted then
import { setTimeout as sleep } from 'node:timers/promises';

async function limited(work) {
  const limit = new AbortController();
  try {
    return await Promise.race([work, sleep(30_000, undefined, { signal: limit.signal })]);
  } finally {
    limit.abort();
  }
}

for (let i = 0; i < 60; i++) await limited(sleep(1));
