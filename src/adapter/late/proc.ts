/** Reads what Linux tells of processes: who they are, which signals they hear, where they listen. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Undefined when it is gone or not to be read. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // as said above
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // of another user, or gone
  }
}

/** The words of a command; empty for a kernel thread or one that is gone. */
export function commandOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? [];
}

/** Where options of Node's may be: its command and `NODE_OPTIONS`. */
export function optionsOf(pid: number): string[] {
  const environment = read(`/proc/${pid}/environ`)?.split('\0') ?? [];
  const options = environment.find((entry) => entry.startsWith(NODE_OPTIONS))?.slice(NODE_OPTIONS.length);
  return [...commandOf(pid), ...(options?.split(/\s+/) ?? [])];
}

const NODE_OPTIONS = 'NODE_OPTIONS=';

/** All processes that this one can see. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);
}

/** Path of the program; undefined for a process of another user. */
export const executableOf = (pid: number): string | undefined => link(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '');

/** Whether its network is another one, as in a container; false when that is not to be read. */
export function isElsewhere(pid: number): boolean {
  const theirs = link(`/proc/${pid}/ns/net`);
  return theirs !== undefined && theirs !== link('/proc/self/ns/net');
}

/** SIGUSR1 is signal 10: bit 9 of the mask of signals that are caught. */
const SIGUSR1 = 1n << 9n;

/** Whether it does something at SIGUSR1 instead of being ended by it; undefined when that is not to be read. */
export function hearsUsr1(pid: number): boolean | undefined {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return mask === undefined ? undefined : (BigInt(`0x${mask}`) & SIGUSR1) !== 0n;
}

const LISTENING = '0A';

/** The ports on which the process listens for TCP connections; undefined when its sockets are not to be read. */
export function portsOf(pid: number): number[] | undefined {
  const sockets = new Set<string>();
  try {
    for (const name of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`) ?? '')?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
  } catch {
    return undefined; // of another user
  }
  const ports: number[] = [];
  for (const table of ['tcp', 'tcp6']) {
    for (const line of (read(`/proc/${pid}/net/${table}`) ?? '').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === LISTENING && sockets.has(inode))
        ports.push(Number.parseInt(local.slice(local.indexOf(':') + 1), 16));
    }
  }
  return ports;
}
