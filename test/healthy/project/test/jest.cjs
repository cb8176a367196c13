/** Tests of jest. */
test('waits', async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(1).toBe(1);
});
test('with other timers', async () => {
  jest.useFakeTimers();
  const done = jest.fn();
  setTimeout(done, 60_000);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(done).toHaveBeenCalled();
});
