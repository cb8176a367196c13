/** Opens the inspector of a running process: finds the one that is open, or asks Node for it by a signal. */
import { setTimeout as delay } from 'node:timers/promises';
import { addressOf, connectTo } from '../address.ts';
import { messageOf } from '../asking.ts';
import { asJson, type Cdp } from '../cdp.ts';
import { cannotAttach } from '../errors.ts';
import { isAlive } from '../spool-folder.ts';
import { evaluate, outcomeOf } from './evaluate.ts';
import { executableOf, hearsUsr1, isElsewhere, optionsOf, portsOf } from './proc.ts';
import { DEFAULT_PORT, inspectorPorts, isNode, nodeProcesses, wordsOnMac } from './processes.ts';

/** Node opens its inspector at the next chance to run JavaScript: what blocks it outside of JavaScript puts that off. Milliseconds. */
const OPEN_MS = 10_000;
const RETRY_MS = 50;
/** Only then a new port is asked that is none of those that an inspector is expected at: the program may have chosen it itself. Milliseconds. */
const UNUSUAL_MS = 5000;
/** Told to Node's options: whichever is free. */
const ANY_PORT = 0;
/** One that is blocked cannot say who it is. */
const ANSWER_MS = 1000;

/**
 * Connects to the inspector of a process; rejects with `cannotAttach` and the reason. Node says "Debugger listening" in the program's error output when it has to be opened. `left`: the
 * connection is not wanted any more; an inspector that was asked for is waited for all the same, so that it can be closed again.
 */
export async function openProcess(pid: number, left?: AbortSignal): Promise<Cdp> {
  const options = await optionsFor(pid);
  const told = inspectorPorts(options);
  const search = newSearch(pid);
  const before = portsNow(pid, told);
  // The program's own servers are left alone: a request that they do not expect can bring a program down.
  const isUsual = (port: number): boolean => port === DEFAULT_PORT || told.has(port);
  const open = await search(before.filter(isUsual));
  if (open !== undefined) return open;
  if (left?.aborted === true) throw cannotAttach(pid, 'it is not wanted any more');
  ask(pid, options);
  const askedAt = performance.now();
  for (let ms = 0; ms < OPEN_MS; ms = performance.now() - askedAt) {
    await delay(RETRY_MS);
    if (!isAlive(pid)) throw cannotAttach(pid, 'it has ended');
    const added = portsNow(pid, told).filter((port) => process.platform !== 'linux' || !before.includes(port));
    const isAny = told.has(ANY_PORT) || ms >= UNUSUAL_MS;
    const opened = (await search(added.filter(isUsual))) ?? (isAny ? await search(added, true) : undefined);
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

/** Where options of Node's may be; rejects when it cannot be attached to. */
async function optionsFor(pid: number): Promise<string[]> {
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
    return optionsOf(pid);
  }
  const isWindows = process.platform === 'win32';
  const all = await nodeProcesses().catch((error: unknown) => {
    if (isWindows) return []; // who is asked there, and is not Node.js, does not notice
    throw cannotAttach(pid, messageOf(error));
  });
  const found = all.find((each) => each.pid === pid);
  if (found === undefined && !isWindows) throw cannotAttach(pid, 'it is not Node.js');
  return [...(found?.command ?? []), ...(process.platform === 'darwin' ? await wordsOnMac(pid) : [])];
}

/** Whether Node opens its inspector when it is asked: without a handler the signal would end the process. Only Linux tells; elsewhere the options do, as far as they are known. */
function opensOnDemand(pid: number, options: readonly string[]): boolean {
  return process.platform === 'linux' ? hearsUsr1(pid) === true : !options.includes('--disable-sigusr1');
}

/** `process._debugProcess`: SIGUSR1, and on Windows a thread in that process (Node 20 to 26). */
function ask(pid: number, options: readonly string[]): void {
  if (!opensOnDemand(pid, options))
    throw cannotAttach(pid, 'its Node.js does not open an inspector on demand (--disable-sigusr1, or built without)');
  try {
    (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  } catch (error) {
    throw cannotAttach(pid, isUnknownToWindows(error) ? NOT_ASKED : messageOf(error));
  }
}

/** There is no mapping by which Node lets itself be asked; its name is one of the session's. Windows' error 2 is that of a name that nobody has. */
function isUnknownToWindows(error: unknown): boolean {
  const { syscall, errno } = asJson(error);
  return syscall === 'OpenFileMappingW' && errno === 2;
}

const NOT_ASKED = 'it is not Node.js, runs in another session of Windows, or does not open an inspector on demand';

/** Where the system does not tell, an inspector may be at the usual port, and at those that Node was told. */
function portsNow(pid: number, told: ReadonlySet<number>): number[] {
  if (process.platform === 'linux') return portsOf(pid) ?? [];
  return [...new Set([DEFAULT_PORT, ...told])].filter((port) => port !== ANY_PORT);
}

/** Connects to the one of these ports that is the process's inspector. `once`: no port is asked again that was none. */
type Search = (ports: readonly number[], once?: boolean) => Promise<Cdp | undefined>;

function newSearch(pid: number): Search {
  const deaf = new Set<number>();
  /** Inspectors of other processes. */
  const others = new Set<string>();

  /** Rejects when it is not the one. */
  async function connect(port: number, once: boolean): Promise<Cdp> {
    const url = await addressOf({ port }).catch((error: unknown) => {
      if (once) deaf.add(port);
      throw error; // a port of the program's own, or of nobody
    });
    if (others.has(url)) throw new Error(NOT_IT);
    const cdp = await connectTo(url);
    if (process.platform === 'linux') return cdp;
    const found = await pidOf(cdp);
    if (found === pid) return cdp;
    if (found !== undefined) others.add(url);
    cdp.close();
    throw new Error(NOT_IT);
  }

  return (ports, once = false) => {
    const asked = ports.filter((port) => !deaf.has(port)).map((port) => connect(port, once));
    return Promise.any(asked).catch(() => undefined); // none is
  };
}

const NOT_IT = 'the inspector of another process';

/** Undefined when it does not say so. */
async function pidOf(cdp: Cdp): Promise<unknown> {
  return Promise.race([
    evaluate(cdp, 'process.pid').catch(() => undefined),
    delay(ANSWER_MS, undefined, { ref: false }),
  ]);
}
