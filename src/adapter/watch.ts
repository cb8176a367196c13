/** Brings a program and its observer together: launched or attached to, linked while it lives, read from its event files once it is gone. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../protocol/agent.ts';
import type { AttachArguments, LaunchArguments } from '../protocol/dap.ts';
import { announcedEnd, type ProcessEnd } from '../model/program.ts';
import { addressOf, connectTo } from './address.ts';
import { openLink, type AgentLink } from './agent-link.ts';
import { isEnding, messageOf } from './asking.ts';
import type { Cdp } from './cdp.ts';
import { cannotAttach, inspectorUnreachable, isAdapterError, launchFailed, type AdapterError } from './errors.ts';
import { agentIn } from './late/inject.ts';
import { joinLate } from './late/join.ts';
import { openProcess } from './late/open.ts';
import { launchProgram } from './launch.ts';
import type { Observer } from './observer.ts';
import { isAlive } from './spool-folder.ts';
import { mainThreadOf, readSpool } from './spool-reader.ts';

/** What the flows need of their session. */
export interface WatchContext {
  agentFile: string;
  observer: Observer;
  /** The client has left: what is under way is not wanted any more. */
  left: AbortSignal;
  output(category: 'console' | 'stdout' | 'stderr', text: string): void;
}

/** A program under watch. */
export interface Watched {
  /** Settles when the program is gone and its last state has been read. */
  ended: Promise<ProcessEnd>;
  /** Asks a launched program to end; lets go of an attached one. */
  terminate(): void;
  /** Ends a launched program; lets go of an attached one. */
  stop(): Promise<void>;
  /** The same at once, for the end of this process. */
  stopNow(): void;
}

/** How long an agent that is still being loaded is waited for, milliseconds: the JavaScript debugger attaches before the program begins. */
const PATIENCE_MS = 1000;
const SHARED_PATIENCE_MS = 10_000;
/** A directly attached program that does not answer for this long is given up; how long it takes to join it is not limited by this. */
const GREETING_MS = 15_000;
/** The answer to a launch waits so long for the first contact; a program that is blocked from the start gets its live view later. */
const LINK_MS = 1000;
const LAST_LOOK_MS = 500;
/**
 * An inspector client that comes or goes at the very moment Node ends can crash it (seen on 20 and 26, about once in 150). Programs that end within this time are therefore
 * not connected to; their event files tell all.
 */
const SETTLE_MS = 200;
const ONLY_THE_END = 'No live view, only the end state of this program';
/** A program writes its end state so long after its connection closed, at most; a machine may be slow, and a program that is gone is not waited for. */
const LAST_WORD_LIMIT_MS = 2000;
const LAST_WORD_MS = 50;

/** Starts a program; rejects with a coded error when it does not get to run. */
export async function launchAndWatch(args: LaunchArguments, context: WatchContext): Promise<Watched> {
  const { agentFile, observer, output } = context;
  const launched = await launchProgram(args, agentFile, output);
  const hello = await launched.hello;
  if (hello === undefined) {
    const { code, signal } = await launched.ended;
    launched.cleanUp();
    throw launchFailed(
      `${args.runtimeExecutable ?? 'node'} ended with ${signal ?? `exit code ${code}`} before the program began`,
    );
  }
  let link: AgentLink | undefined;
  let over = false;
  const ended = launched.ended.then((end) => {
    over = true;
    link?.close();
    if (end.signal !== null) {
      output('console', `The program was ended by ${end.signal}; the last known state of it is shown.\n`);
    }
    observer.end(end, mainThreadOf(readSpool(launched.spool), launched.pid)?.events ?? []);
    return end;
  });
  const linkUp = async (url: string) => {
    await Promise.race([ended, delay(SETTLE_MS, undefined, { ref: false })]);
    if (over) return;
    try {
      link = await linkTo(url, context);
      if (over) link.close();
      else observer.connect(link);
    } catch (error) {
      // Most often it is over already.
      await Promise.race([ended, delay(LAST_LOOK_MS, undefined, { ref: false })]);
      if (!over) output('console', `${ONLY_THE_END}: ${messageOf(error)}\n`);
    }
  };
  const linked = hello.inspectorUrl === undefined ? noLink(context) : linkUp(hello.inspectorUrl);
  await Promise.race([linked, ended, delay(LINK_MS, undefined, { ref: false })]);
  return {
    ended,
    terminate: launched.terminate,
    async stop() {
      await launched.kill();
      link?.close();
      launched.cleanUp();
    },
    stopNow: launched.killNow,
  };
}

function noLink({ output }: WatchContext): void {
  output(
    'console',
    `${ONLY_THE_END}: Node could not open its inspector port. Remove --inspect from "runtimeArgs" or free the port.\n`,
  );
}

async function linkTo(url: string, { agentFile, observer }: WatchContext): Promise<AgentLink> {
  const cdp = await connectTo(url);
  try {
    return await openLink(cdp, { shared: false, patienceMs: PATIENCE_MS, agentFile }, observer.listener);
  } catch (error) {
    cdp.close(); // or the program would wait for it at its end
    throw error;
  }
}

/** Attaches to a running program; rejects with a coded error when that is not possible. */
export async function attachAndWatch(args: AttachArguments, context: WatchContext): Promise<Watched> {
  const { agentFile, observer, left, output } = context;
  const shared = args.proxy !== undefined;
  const { processId } = args;
  const url = processId === undefined ? await addressOf(args) : '';
  const unreachable = (reason: string): AdapterError =>
    processId === undefined ? inspectorUnreachable(url, reason) : cannotAttach(processId, reason);
  const cdp = await (processId === undefined ? connectTo(url) : openProcess(processId, left));
  left.addEventListener('abort', cdp.close);
  if (left.aborted) {
    cdp.close();
    throw unreachable('it is not wanted any more');
  }
  const { stepStacks = false, pollMs = 0, threadName } = args;
  const named = threadName === undefined ? {} : { threadName };
  const options = {
    shared,
    stepStacks,
    pollMs,
    ...named,
    patienceMs: shared ? SHARED_PATIENCE_MS : PATIENCE_MS,
    agentFile,
  };
  const tell = (text: string): void => output('console', text);
  /** The debugger may hold the program for long. */
  const answered = <T>(work: Promise<T>): Promise<T> =>
    shared ? work : inTime(work, () => unreachable('the program is busy and does not answer'));
  let link: AgentLink | undefined;
  try {
    if (!shared || args.late === true) await joinLate(cdp, await answered(agentIn(cdp)), { agentFile, shared, tell });
    link = await answered(openLink(cdp, options, observer.listener));
    observer.connect(link);
  } catch (error) {
    const events = cdp.isOpen() && !isEnding(error) ? [] : await lastWords(args.spool, undefined);
    cdp.close();
    if (isAdapterError(error)) throw error;
    // A program that was over so soon is reported from what it left; without that nothing is known.
    if (events.length === 0) throw unreachable(messageOf(error));
    return finished(observer, events);
  }
  const { hello } = link;
  const ended = link.closed.then(async () => {
    const events = await lastWords(args.spool, hello);
    return endFrom(observer, events);
  });
  return { ended, terminate: link.close, stop: () => leave(cdp, ended), stopNow: link.close };
}

async function leave(cdp: Cdp, ended: Promise<ProcessEnd>): Promise<void> {
  cdp.close();
  await ended;
}

function finished(observer: Observer, events: AgentEvent[]): Watched {
  const ended = Promise.resolve().then(() => endFrom(observer, events));
  return { ended, terminate: () => undefined, stop: () => Promise.resolve(), stopNow: () => undefined };
}

function endFrom(observer: Observer, events: AgentEvent[]): ProcessEnd {
  const exit = events.findLast((event) => event.event === 'exit');
  const end = exit === undefined ? { code: null, signal: null } : announcedEnd(exit);
  observer.end(end, events);
  return end;
}

/** What a thread left in its event file; waits for its exit, which may be written while the connection closes. */
async function lastWords(
  spool: string | undefined,
  who: { pid: number; threadId: number } | undefined,
): Promise<AgentEvent[]> {
  if (spool === undefined) return [];
  for (let waitedMs = 0; ; waitedMs += LAST_WORD_MS) {
    // Asked before the file is read: what a process wrote before it was gone is there.
    const over = waitedMs >= LAST_WORD_LIMIT_MS || (who !== undefined && !isAlive(who.pid));
    const files = readSpool(spool);
    const events =
      who === undefined || who.threadId === 0
        ? mainThreadOf(files, who?.pid)?.events
        : files.find(({ pid, thread }) => pid === who.pid && thread === who.threadId)?.events;
    if (over || events?.some((event) => event.event === 'exit') === true) return events ?? [];
    await delay(LAST_WORD_MS);
  }
}

async function inTime<T>(work: Promise<T>, tooLate: () => Error): Promise<T> {
  const timer = new AbortController();
  const late = delay(GREETING_MS, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw tooLate();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined); // aborted, as intended
  }
}
