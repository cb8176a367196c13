/** The debug adapter as a program: speaks the debug adapter protocol on stdin and stdout. */
import { join } from 'node:path';
import { LensSession } from './session.ts';

declare const ASYNC_LENS_VERSION: string;

const session = new LensSession({
  agentFile: join(__dirname, '..', 'agent', 'preload.cjs'),
  version: ASYNC_LENS_VERSION,
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => session.shutdown());
session.start(process.stdin, process.stdout);
