/** Opens the inspector of a running process: finds the one that is open, or asks Node for it by a signal. */
import { setTimeout as delay } from 'node:timers/promises';
import { addressOf, connectTo } from '../address.ts';
import { messageOf } from '../asking.ts';
import { asJson, type Cdp } from '../cdp.ts';
import { cannotAttach } from '../errors.ts';
import { outcomeOf } from './evaluate.ts';
import { executableOf, hearsUsr1, isElsewhere, optionsOf, portsOf } from './proc.ts';
import { DEFAULT_PORT, inspectorPorts, isNode, nodeProcesses } from './processes.ts';

/** Node opens its inspector at the next chance to run JavaScript: what blocks it outside of JavaScript puts that off. Milliseconds. */
const OPEN_MS = 10_000;
const RETRY_MS = 50;
/** One that is blocked cannot say who it is. */
const ANSWER_MS = 1000;

/** Connects to the inspector of a process; rejects with `cannotAttach` and the reason. Node says "Debugger listening" in the program's error output when it has to be opened. */
export async function openProcess(pid: number): Promise<Cdp> {
  await check(pid);
  const before = portsNow(pid);
  const open = await findInspector(pid, before.filter(mayBeInspector(pid)));
  if (open !== undefined) return open;
  ask(pid);
  for (let leftMs = OPEN_MS; leftMs > 0; leftMs -= RETRY_MS) {
    await delay(RETRY_MS);
    const opened = await findInspector(pid, process.platform === 'linux' ? added(before, portsNow(pid)) : before);
    if (opened !== undefined) return closing(opened);
  }
  throw cannotAttach(
    pid,
    'its inspector does not open: something blocks it outside of JavaScript, another program has port 9229, it handles SIGUSR1 itself, its inspector is open on a port that was not chosen by you (give it as HOST:PORT), or its Node.js has none',
  );
}

/** In a turn of the loop of its own: within the answer to a message Node would take away what is answering it. True, or a failure, from a program that has no more turns (Node 20 to 26). */
const END = 'process._exiting === true || void setTimeout(() => process._debugEnd()).unref()';

/** A blocked program closes nothing. Milliseconds. */
const CLOSE_MS = 5000;

/**
 * Node closes the inspector again when the connection is no longer needed, so that its port is free for the next process. Where the program goes on, only Node ends the connection: where both
 * sides do so at once, its thread writes two closing frames and frees what is behind them after the first, a segmentation fault (`WsHandler` in src/inspector_socket.cc, Node 20 to 26). A program
 * that ends waits for us to leave.
 */
function closing(cdp: Cdp): Cdp {
  return {
    ...cdp,
    close() {
      const late = setTimeout(() => cdp.close(), CLOSE_MS);
      void outcomeOf(cdp, END).then(
        ({ value, failed }) => (value === true || failed) && cdp.close(),
        () => undefined, // the connection is closed already
      );
      void cdp.closed.then(() => clearTimeout(late));
    },
  };
}

async function check(pid: number): Promise<void> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (asJson(error)['code'] === 'EPERM')
      throw cannotAttach(pid, 'it belongs to another user: run Async Lens as that user, or as root');
    throw cannotAttach(pid, 'there is no such process');
  }
  if (process.platform === 'linux') {
    if (isElsewhere(pid))
      throw cannotAttach(pid, 'it is in a container with a network of its own: run Async Lens in there');
    // Root sees everything, and a process may be protected from all others.
    if (!isNode(executableOf(pid))) throw cannotAttach(pid, 'it is not Node.js');
  } else if (!(await nodeProcesses()).some((each) => each.pid === pid)) throw cannotAttach(pid, 'it is not Node.js');
}

/** `process._debugProcess`: SIGUSR1, and on Windows a thread in that process (Node 20 to 26). */
function ask(pid: number): void {
  // Without a handler the signal would end the process.
  if (process.platform === 'linux' && hearsUsr1(pid) !== true)
    throw cannotAttach(pid, 'its Node.js does not open an inspector on demand (--disable-sigusr1, or built without)');
  try {
    (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  } catch (error) {
    throw cannotAttach(pid, messageOf(error));
  }
}

/** Where the system does not tell, the usual port may be the one. */
const portsNow = (pid: number): number[] => (process.platform === 'linux' ? (portsOf(pid) ?? []) : [DEFAULT_PORT]);

const added = (before: readonly number[], now: readonly number[]): number[] =>
  now.filter((port) => !before.includes(port));

/** The program's own servers are left alone: a request that they do not expect can bring a program down. */
function mayBeInspector(pid: number): (port: number) => boolean {
  if (process.platform !== 'linux') return () => true;
  const told = inspectorPorts(optionsOf(pid));
  return (port) => port === DEFAULT_PORT || told.has(port);
}

async function findInspector(pid: number, ports: readonly number[]): Promise<Cdp | undefined> {
  const asked = ports.map((port) => addressOf({ port }).catch(() => undefined)); // a port of the program's own
  const url = (await Promise.all(asked)).find((each) => each !== undefined);
  if (url === undefined) return undefined;
  const cdp = await connectTo(url);
  if (process.platform === 'linux' || (await isThat(cdp, pid))) return cdp;
  cdp.close();
  return undefined;
}

async function isThat(cdp: Cdp, pid: number): Promise<boolean> {
  const asked = cdp.send('Runtime.evaluate', { expression: 'process.pid', returnByValue: true });
  const answer = await Promise.race([asked, delay(ANSWER_MS, {}, { ref: false })]);
  return asJson(asJson(answer)['result'])['value'] === pid;
}
