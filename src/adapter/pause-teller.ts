/**
 * Tells the client that the program is held and that it goes on, so that VS Code (1.139) understands it: after a stop it asks for the threads and
 * takes all of the answer for stopped, so that what it was told before the answer is lost. "All threads" are to it those of its last answer, and
 * the end of a thread withdraws what was told of it just before: the thread of the stop is named once more, last.
 */
import { ContinuedEvent, StoppedEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';

/** A client that has not asked for the threads of a stop after this long doesn't want them. */
const ASK_MS = 1000;

export interface PauseTeller {
  /** The program is held; nothing is told when the client knows. */
  stopped(threadId: number): void;
  /** It goes on; `between` tells which threads end with the pause. */
  resumed(between: () => void): void;
  /** The client was told the threads. */
  threadsTold(): void;
}

/** `send` passes an event on to the client. */
export function createPauseTeller(send: (event: DebugProtocol.Event) => void): PauseTeller {
  let held: number | undefined;
  let asked = true;
  let waiting: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function tellNow(): void {
    clearTimeout(timer);
    const tell = waiting;
    waiting = undefined;
    tell?.();
  }

  return {
    stopped(threadId) {
      tellNow();
      if (held !== undefined) return;
      held = threadId;
      asked = false;
      const event: DebugProtocol.StoppedEvent = new StoppedEvent('pause', threadId);
      Object.assign(event.body, { description: 'Paused', preserveFocusHint: true, allThreadsStopped: true });
      send(event);
    },
    resumed(between) {
      tellNow();
      const threadId = held;
      held = undefined;
      waiting = () => {
        if (threadId !== undefined) send(new ContinuedEvent(threadId, true));
        between();
        if (threadId !== undefined) send(new ContinuedEvent(threadId, false));
      };
      if (asked || threadId === undefined) tellNow();
      else timer = setTimeout(tellNow, ASK_MS);
    },
    threadsTold() {
      asked = true;
      tellNow();
    },
  };
}
