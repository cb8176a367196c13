/** Gives work to worker threads and a child process when the tests say so, through `globalThis.threads`. */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

let worker;
let child;

async function hireWorker(shelf) {
  worker = new Worker(path.join(__dirname, 'thread.js'), { workerData: shelf, name: shelf });
  await once(worker, 'exit');
  console.log(`shelf ${shelf} ended`);
}

async function hireChild() {
  child = fork(path.join(__dirname, 'child.js'));
  await once(child, 'exit');
}

globalThis.threads = {
  hireWorker: (shelf) => void hireWorker(shelf),
  knock: (what = 'knock') => worker.postMessage(what),
  hireChild: () => void hireChild(),
  dismissChild: () => child.kill(),
};
setInterval(() => {}, 3_600_000);
console.log('threads');
