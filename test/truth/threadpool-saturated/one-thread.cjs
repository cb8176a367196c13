// passwords hashed one after the other, because the pool has one thread
process.env.UV_THREADPOOL_SIZE = '1';

const { pbkdf2 } = require('node:crypto');
const { promisify } = require('node:util');

async function logIn(password) {
  for (let round = 0; round < 4; round++) {
    await promisify(pbkdf2)(password, 'salt', 150_000, 32, 'sha512'); // expect: threadpool-saturated
  }
}

for (const password of ['a', 'b', 'c']) logIn(password);
