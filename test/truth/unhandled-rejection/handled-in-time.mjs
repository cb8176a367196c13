// a handler that is added later, but before Node looks
const failing = Promise.reject(new Error('early'));
await null;
await failing.catch(() => {});
