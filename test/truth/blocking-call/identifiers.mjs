// identifiers made of a few random bytes, as uuid does
import { randomFillSync } from 'node:crypto';

function newId() {
  return randomFillSync(Buffer.alloc(16)).toString('hex');
}

for (const ms of [60, 80, 100, 120]) setTimeout(newId, ms);
