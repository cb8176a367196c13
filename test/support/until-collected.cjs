/** Keeps a program of test/truth going, with Node's --expose-gc, until a promise of it was garbage collected. */

/** Time for a first look at the program, milliseconds; less often than this it would do nothing else on a busy machine. */
const PAUSE_MS = 500;

/** `promise` must not be held by anything that is to be over; `then` is called once it is gone. */
module.exports = function untilCollected(promise, then = () => {}) {
  const registry = new FinalizationRegistry(() => {
    clearInterval(timer);
    then();
  });
  const timer = setInterval(() => {
    if (registry instanceof FinalizationRegistry) gc();
  }, PAUSE_MS);
  registry.register(promise);
};
