// log files of a year, opened at once through callbacks wrapped in promises
import { open } from 'node:fs';

function opened(file: string): Promise<number> {
  return new Promise((resolve, reject) => open(file, 'r', (error, fd) => (error ? reject(error) : resolve(fd))));
}

async function scan(day: number): Promise<number> {
  const log = await opened(process.execPath); // expect: unbounded-concurrency, pending-at-exit
  return log + day;
}

const days = Array.from({ length: 1100 }, (_, day) => scan(day));
setImmediate(() => process.exit(0));
await Promise.allSettled(days);
