/** Tests of vitest. */
import { expect, test, vi } from 'vitest';
import { greet } from '../src/greet.ts';

test('greets', async () => {
  expect(await greet([{ name: 'Ann', age: 30 }])).toEqual(['Ann (30)']);
});
test('with other timers', async () => {
  vi.useFakeTimers();
  const done = vi.fn();
  setTimeout(done, 60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(done).toHaveBeenCalled();
  vi.useRealTimers();
});
