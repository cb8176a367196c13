// a check for files in a loop
import { existsSync } from 'node:fs';

function choose(names: string[]): string | undefined {
  return names.find((name) => existsSync(`/nowhere/${name}`)); // expect: blocking-call
}

setTimeout(choose, 50, ['a', 'b', 'c', 'd']);
