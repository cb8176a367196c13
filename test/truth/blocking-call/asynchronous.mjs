// files read asynchronously
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

for (let i = 0; i < 5; i++) await readFile(fileURLToPath(import.meta.url), 'utf8');
