// a time limit that cannot end the work it is for
function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

setTimeout(() => {
  setTimeout(() => {}, 60); // expect: late-timer
  wait(450);
}, 200);
setTimeout(() => {}, 1000);
