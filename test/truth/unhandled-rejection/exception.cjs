// an ordinary exception, which is no rejection
setTimeout(() => {
  throw new Error('out of luck');
}, 5);
