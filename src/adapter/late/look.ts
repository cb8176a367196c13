/** Looks at a running program once: what it waits for now, or what blocks it. */
import type { Hello, Snapshot } from '../../protocol/agent.ts';
import { leaveAtExit, takeSnapshot } from '../agent-link.ts';
import { ask } from '../asking.ts';
import type { Cdp } from '../cdp.ts';
import { standstillMs } from '../heap/reading.ts';
import { BLOCKED_MS, lookAtLoop, SILENT_MS, type Blocked } from './blocked.ts';
import { agentIn, inject } from './inject.ts';
import { workerThreads } from './threads.ts';
import { letGo, LONG_STANDSTILL_MS, takeIn } from './take-in.ts';

/** `long`: it would stand still for so long, milliseconds, a rough guess; ask again with `anyway`. `silent`: it does not answer. */
export type Look =
  | { state: 'seen'; hello: Hello; snapshot: Snapshot; watched: boolean }
  | (Blocked & { ms: number })
  | { state: 'silent'; ms: number }
  | { state: 'long'; ms: number };

/** `anyway`: also when the program stands still for long. A program that was started with the agent is only asked. Rejects with coded errors. */
export async function lookOnce(cdp: Cdp, agentFile: string, anyway: boolean): Promise<Look> {
  return lookAtThread(cdp, { agentFile, anyway, isMain: true });
}

/** A worker thread that was looked at. */
export interface ThreadLook {
  /** As "worker 3". */
  title: string;
  look: Look;
}

/** All worker threads that run now but those of Node's and ours; the program goes on as before. What cannot be looked at is left out. */
export async function lookAtWorkers(main: Cdp, agentFile: string, anyway: boolean): Promise<ThreadLook[]> {
  const { threads, end } = await workerThreads(main);
  const looks: ThreadLook[] = [];
  try {
    for (const { cdp, title } of threads) {
      const look = await lookAtThread(cdp, { agentFile, anyway, isMain: false }).catch(() => undefined);
      if (look !== undefined && !(look.state === 'seen' && look.hello.internal === true)) looks.push({ title, look });
    }
  } finally {
    await end();
  }
  return looks;
}

interface ThreadOptions {
  agentFile: string;
  anyway: boolean;
  /** Only a main thread waits at its end for whoever is connected. */
  isMain: boolean;
}

async function lookAtThread(cdp: Cdp, { agentFile, anyway, isMain }: ThreadOptions): Promise<Look> {
  const loop = await lookAtLoop(cdp);
  if (loop.state === 'silent') return { state: 'silent', ms: SILENT_MS };
  if (loop.state === 'blocked') return { ...loop, ms: BLOCKED_MS };
  if (isMain) await leaveAtExit(cdp);
  const there = await agentIn(cdp);
  const watched = there === 'watched';
  if (!watched) {
    const ms = anyway ? 0 : await standstillMs(cdp);
    if (ms > LONG_STANDSTILL_MS) return { state: 'long', ms };
    if (there === undefined) await inject(cdp, agentFile);
    await takeIn(cdp, false);
  }
  try {
    const hello = await ask(cdp, { request: 'hello' });
    const { snapshot } = await takeSnapshot(cdp, () => false);
    return { state: 'seen', hello, snapshot, watched };
  } finally {
    if (!watched) await letGo(cdp);
  }
}
