/** Holds its event loop in the ways of the truth table (test/agent/fixtures/stalls) when the tests say so, through `globalThis.stalls`. */
const measure = require('./stalls/measure.cjs');

async function run(names) {
  for (const name of names) await measure(name);
  console.log('all done');
}

globalThis.stalls = { run: (names) => setTimeout(run, 0, names) };
setInterval(() => {}, 3_600_000);
console.log(`ready on Node ${process.versions.node}, pid ${process.pid}, started at ${performance.timeOrigin}`);
