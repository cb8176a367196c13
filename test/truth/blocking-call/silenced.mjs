// a synchronous read that the author wants
import { readFileSync } from 'node:fs';

const read = () => readFileSync(import.meta.filename ?? new URL(import.meta.url), 'utf8'); // async-lens-ignore-line blocking-call
for (const ms of [60, 80, 100, 120]) setTimeout(read, ms);
