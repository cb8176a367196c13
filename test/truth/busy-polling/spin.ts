// a task in TypeScript that gives way to others with setImmediate only to look again
import { setImmediate as turn } from 'node:timers/promises';

const state: { done: boolean } = { done: false };

async function finished(deadlineMs: number): Promise<void> {
  while (!state.done) {
    if (Date.now() > deadlineMs) throw new Error('too late');
    await new Promise((resolve) => setImmediate(resolve)); // expect: busy-polling
  }
  await turn();
}

setTimeout(() => (state.done = true), 2500);
await finished(Date.now() + 60_000);
