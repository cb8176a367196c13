// keys derived synchronously for each visitor, quickly but again and again
import { scryptSync } from 'node:crypto';

function visit(name) {
  return scryptSync(name, 'salt', 16, { N: 16 }); // expect: blocking-call
}

for (const ms of [60, 70, 80, 90]) setTimeout(visit, ms, 'visitor');
