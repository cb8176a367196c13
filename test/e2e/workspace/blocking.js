/** A program that blocks its event loop when the tests say so, through `globalThis.blocking`. */
const { execFileSync } = require('node:child_process');

function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  let turns = 0;
  while (performance.now() < end) turns++;
  return turns;
}

function run() {
  return execFileSync(process.execPath, ['--version']);
}

Object.assign(globalThis, {
  blocking: {
    spin: (milliseconds) => setTimeout(() => spin(milliseconds) && console.log('spun', milliseconds)),
    run: () => setTimeout(() => run() && console.log('ran')),
    runForever: () => setInterval(run, 100),
  },
});

setInterval(() => {}, 3_600_000);
console.log('ready');
