// an interval that looks for a file that never comes
// options: --duration 3000
import { existsSync } from 'node:fs';

function appearance(file) {
  return new Promise((resolve) => {
    const look = () => {
      if (!existsSync(file)) return;
      clearInterval(timer);
      resolve(file);
    };
    const timer = setInterval(look, 5); // expect: busy-polling
  });
}

console.log(await appearance('/tmp/that/never/comes'));
