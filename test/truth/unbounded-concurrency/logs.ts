// the log files of many days, opened at once
import { open, type FileHandle } from 'node:fs/promises';

async function scan(day: number): Promise<number> {
  const log: FileHandle = await open(process.execPath); // expect: unbounded-concurrency, pending-at-exit
  return log.fd + day;
}

const days = Array.from({ length: 1200 }, (_, day) => scan(day));
process.nextTick(() => process.exit(0));
await Promise.allSettled(days);
