// a time limit that is lifted when the work is done
setTimeout(() => {
  const limit = setTimeout(() => {}, 60);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  clearTimeout(limit);
}, 200);
setTimeout(() => {}, 1000);
