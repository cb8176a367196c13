/** Tests of tape. */
import test from 'tape';

test('waits', (t) => {
  t.plan(2);
  setTimeout(() => t.pass('later'), 5);
  t.equal(1, 1);
});
test('is async', async (t) => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  t.pass('done');
});
