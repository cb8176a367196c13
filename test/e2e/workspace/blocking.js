/** A program that blocks its event loop when the tests say so, through `globalThis.blocking`. */
const { execFileSync } = require('node:child_process');

const LIMIT_MS = 60_000;
let spinning = false;
let times = 0;

function spin() {
  const end = performance.now() + LIMIT_MS;
  spinning = true;
  while (spinning && performance.now() < end);
  console.log('spun', ++times);
}

function run() {
  return execFileSync(process.execPath, ['--version']);
}

globalThis.blocking = {
  spin: () => setTimeout(spin),
  end: () => (spinning = false),
  run: () => setTimeout(() => run() && console.log('ran')),
  runForever: () => setInterval(run, 100),
};

setInterval(() => {}, 3_600_000);
console.log('ready');
