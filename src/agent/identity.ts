/** Tells who this process or worker thread is: the hello message. */
import inspector from 'node:inspector';
import { performance } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { PROTOCOL_VERSION, type Hello } from '../protocol/agent.ts';

/** The working directory; empty when the folder was removed. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

/** The hello of this moment; only `inspectorUrl` can differ from one call to the next. */
export function hello(): Hello {
  const inspectorUrl = inspector.url();
  return {
    event: 'hello',
    version: PROTOCOL_VERSION,
    pid: process.pid,
    ppid: process.ppid,
    threadId,
    node: process.version,
    argv: [...process.argv],
    execArgv: [...process.execArgv],
    cwd: workingFolder(),
    startTime: performance.timeOrigin,
    ...(inspectorUrl === undefined ? {} : { inspectorUrl }),
  };
}
