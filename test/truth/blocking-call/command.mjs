// a command run synchronously while serving
import { execFileSync } from 'node:child_process';

setTimeout(() => {
  execFileSync(process.execPath, ['--version']); // expect: blocking-call
}, 60);
setTimeout(() => {
  execFileSync(process.execPath, ['--version']); // expect: blocking-call
}, 80);
