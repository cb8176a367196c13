// a hundred small files read at once
import { readFile } from 'node:fs/promises';

const path = new URL(import.meta.url);
await Promise.all(Array.from({ length: 100 }, () => readFile(path)));
