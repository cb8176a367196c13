/** Tells who this process or worker thread is: the hello message. */
import inspector from 'node:inspector';
import { performance } from 'node:perf_hooks';
import workerThreads, { isMainThread, parentPort, threadId } from 'node:worker_threads';
import { PROTOCOL_VERSION, type Hello } from '../protocol/agent.ts';

/** The working directory; empty when the folder was removed. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

/** Of a worker thread without a name since Node 24. */
const NO_NAME = 'WorkerThread';

function nameOfThread(): string | undefined {
  const { threadName } = workerThreads as { threadName?: unknown };
  const isName = typeof threadName === 'string' && threadName !== '' && threadName !== NO_NAME;
  return isName && !isMainThread ? threadName : undefined;
}

/** Only a worker of the program has a port to the thread that made it, before any of the program's code runs in it (Node 20 to 26). */
export const isInternal = !isMainThread && parentPort === null;

/** The hello of this moment; only `inspectorUrl` can differ from one call to the next. */
export function hello(): Hello {
  const inspectorUrl = inspector.url();
  const threadName = nameOfThread();
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
    ...(threadName === undefined ? {} : { threadName }),
    ...(isInternal ? { internal: true } : {}),
    ...(inspectorUrl === undefined ? {} : { inspectorUrl }),
  };
}
