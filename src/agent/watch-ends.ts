/** Ways in which a program ends itself without an exit event that could close the watchdog's session: Node would tell of that session on standard error. */
import { intercept } from './stacks/intercept.ts';
import { observe } from './waits/observe.ts';

/** The watchdog's session, as the main thread has it in hand. */
export interface WatchSwitch {
  /** For good; returns once the session is closed. */
  stop(): void;
  /** Until {@link resume}. */
  pause(): void;
  resume(): void;
}

/** Whether Node's `process._kill(pid, signal)` runs what it does at an end first (`Kill` in node_process_methods.cc; 20 to 26). */
function isForItself([pid, signal]: readonly unknown[]): boolean {
  const target = Number(pid) | 0;
  return Number(signal) > 0 && [0, -1, process.pid, -process.pid].includes(target);
}

/** Closes the session where Node is about to run what it does at an end; a signal that the program outlives opens it again. */
export function closeBeforeEnds({ stop, pause, resume }: WatchSwitch): void {
  observe(process, '_kill', {
    called: (_self, args) => {
      if (isForItself(args)) pause();
    },
    returned: ({ args }) => {
      if (isForItself(args)) resume();
    },
  });
  intercept(process, 'reallyExit' as keyof typeof process, stop);
  if ('execve' in process) intercept(process, 'execve', stop);
}
