/** Tells why the main thread of a process of this machine does not answer, by what Linux says of it; nothing on other systems. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Hello } from '../protocol/agent.ts';

/** What holds it, in words. */
export type Doing = 'native code' | 'a system call';

/** Looks at a thread again and again while it is silent. */
export interface ThreadLooks {
  /** Undefined when it is not certain that something holds it: it may be stopped, starved, held by a debugger, or idle. `nowMs` never goes back. */
  doing(nowMs: number): Doing | undefined;
  /** It has answered: what was seen before does not count. */
  forget(): void;
}

/** One look needs another so much earlier: whoever passes our questions on may be slow, too. Milliseconds. */
const APART_MS = 250;
/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;
/** With less of the time it is the machine that is slow. */
const OWN_SHARE = 0.3;
/** A loop that turns waits for events now and then, also of a busy server. */
const MAX_WAITS = 1;
/** A thread sleeps here that waits for events, for a lock (as in a debugger's pause), or that was stopped; where Linux does not tell: 0. */
const NO_CALLS = ['0', 'do_epoll_wait', 'ep_poll', 'futex', 'do_futex', 'do_signal_stop', 'ptrace_stop', 'hrtimer'];

/** One look at a thread; times in milliseconds. */
export interface Look {
  atMs: number;
  processorMs: number;
  /** How often it has waited for something so far. */
  waits: number;
  inCall: boolean;
}

/** Of the process that said hello. */
export function lookAtThread({ pid, threadId, argv }: Hello): ThreadLooks {
  let first: Look | undefined;
  let isOurs: boolean | undefined;
  return {
    doing(nowMs) {
      isOurs ??= process.platform === 'linux' && threadId === 0 && runs(pid, argv);
      const look = isOurs ? lookNow(pid, nowMs) : undefined;
      const before = first;
      if (look === undefined || before === undefined) first = look;
      if (look === undefined || before === undefined || nowMs - before.atMs < APART_MS) return undefined;
      const doing = heldBetween(before, look);
      // What it does now may have begun after the first look.
      if (doing === undefined) first = look;
      return doing;
    },
    forget() {
      first = undefined;
    },
  };
}

/** What has held it from one look to the next. */
export function heldBetween(before: Look, now: Look): Doing | undefined {
  if (now.waits - before.waits > MAX_WAITS) return undefined;
  if (now.processorMs - before.processorMs >= OWN_SHARE * (now.atMs - before.atMs)) return 'native code';
  return before.inCall && now.inCall ? 'a system call' : undefined;
}

/** A program may run on another machine, where the number is another's. */
function runs(pid: number, argv: readonly string[]): boolean {
  const command = textOf(`/proc/${pid}/cmdline`);
  const script = argv[1] ?? argv[0];
  return command !== undefined && script !== undefined && command.includes(path.basename(script));
}

/** Undefined for one that is stopped or gone. */
function lookNow(pid: number, atMs: number): Look | undefined {
  const thread = `/proc/${pid}/task/${pid}`;
  const stat = textOf(`${thread}/stat`);
  // The name before it may have spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = ''] = fields ?? [];
  if (fields === undefined || 'TtZX'.includes(state)) return undefined;
  const processorMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const place = state === 'S' ? (textOf(`${thread}/wchan`) ?? '0') : '';
  const sleeps = state === 'S' && place !== '' && !NO_CALLS.some((name) => place.startsWith(name));
  return { atMs, processorMs, waits: waitsOf(textOf(`${thread}/status`)), inCall: sleeps || state === 'D' };
}

const WAITS = 'voluntary_ctxt_switches:';

function waitsOf(status = ''): number {
  const line = status.split('\n').find((each) => each.startsWith(WAITS));
  return line === undefined ? 0 : Number(line.slice(WAITS.length));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // gone, or not for us to read
  }
}
