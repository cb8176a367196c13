/** Reads the name that the program has given a worker thread from that of its debug session. Pure. */

/** Of a thread without a name since Node 24. */
const NO_NAME = 'WorkerThread';

/** The JavaScript debugger calls the session as Node does the thread: "[worker 3] name"; the editor may append that of the root session. */
export function workerName(sessionName: string): string | undefined {
  const [own = ''] = sessionName.split(' « ');
  const name = /^\[worker [^\]]*\]\s+(.+)$/.exec(own)?.[1];
  return name === NO_NAME ? undefined : name;
}
