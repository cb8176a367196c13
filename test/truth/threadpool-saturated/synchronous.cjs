// cryptography and compression that need no thread of the pool
const { pbkdf2Sync, randomBytes } = require('node:crypto');
const { gzipSync } = require('node:zlib');

setTimeout(() => {
  for (let i = 0; i < 8; i++) pbkdf2Sync(randomBytes(8), 'salt', 20_000, 32, 'sha512');
  for (let i = 0; i < 8; i++) gzipSync(randomBytes(1000));
}, 100);
