// errors that are caught: by await, by catch, and by allSettled
async function fail() {
  await null;
  throw new Error('expected');
}

fail().catch(() => {});
await Promise.allSettled([fail(), fail()]);
try {
  await fail();
} catch {
  // as expected
}
