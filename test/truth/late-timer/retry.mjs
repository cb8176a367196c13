// a retry that comes late, because a command runs
import { execSync } from 'node:child_process';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); // expect: late-timer

async function retry() {
  await sleep(50);
}

setTimeout(() => {
  retry();
  execSync('sleep 0.4');
}, 200);
setTimeout(() => {}, 1000);
