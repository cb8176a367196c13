// a password hashed by the thread pool
import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

await promisify(pbkdf2)('secret', 'salt', 150_000, 32, 'sha512');
