// a password hashed synchronously in a request handler
import { pbkdf2Sync } from 'node:crypto';

function logIn(password) {
  const until = performance.now() + 250;
  while (performance.now() < until) {
    pbkdf2Sync(password, 'salt', 2_000_000, 32, 'sha512'); // expect: event-loop-stall
  }
}

setTimeout(logIn, 300, 'secret');
setTimeout(() => {}, 350);
