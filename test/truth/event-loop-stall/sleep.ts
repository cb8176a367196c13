// a synchronous sleep
function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); // expect: event-loop-stall
}

setTimeout(() => sleepSync(200), 300);
setTimeout(() => {}, 600);
