/** The worker threads of a program: a connection to each of them, through that of its main thread. */
import { asJson, newConversation, parseMessage, type Cdp, type Conversation } from '../cdp.ts';

/** One worker thread. */
export interface WorkerThread {
  cdp: Cdp;
  /** As "worker 3". */
  title: string;
}

/** Those that run now; `end` lets go of them. No line is printed in the program, and none of them is held. */
export async function workerThreads(main: Cdp): Promise<{ threads: WorkerThread[]; end(): Promise<void> }> {
  const conversations = new Map<string, Conversation>();
  const threads: WorkerThread[] = [];
  main.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
    const { title } = asJson(workerInfo);
    const conversation = converse(main, String(sessionId));
    conversations.set(String(sessionId), conversation);
    threads.push({ cdp: asCdp(main, conversation), title: titleOf(String(title)) });
  });
  main.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) =>
    conversations.get(String(sessionId))?.take(parseMessage(String(message))),
  );
  main.on('NodeWorker.detachedFromWorker', ({ sessionId }) => conversations.get(String(sessionId))?.end());
  await main.send('NodeWorker.enable', { waitForDebuggerOnStart: false });
  // Node keeps them in no order.
  threads.sort((a, b) => a.title.localeCompare(b.title, 'en', { numeric: true }));
  return {
    threads,
    async end() {
      await main.send('NodeWorker.disable').catch(() => undefined);
      for (const conversation of conversations.values()) conversation.end();
    },
  };
}

/** "[worker 3]", since Node 24 "[worker 3] NAME", of which "WorkerThread" is that of those without one. */
function titleOf(title: string): string {
  const [, worker = title, name = ''] = /^\[(worker \d+)\] ?(.*)$/.exec(title) ?? [];
  return name === '' || name === 'WorkerThread' ? worker : `${name} (${worker})`;
}

function converse(main: Cdp, sessionId: string): Conversation {
  const conversation = newConversation((message) => {
    main.send('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(() => conversation.end());
  }, main.isOpen);
  void main.closed.then(conversation.end);
  return conversation;
}

function asCdp(main: Cdp, { send, on }: Conversation): Cdp {
  return {
    send,
    on,
    sendAlone: (method) => send(method),
    isOpen: main.isOpen,
    closed: main.closed,
    close: () => undefined,
  };
}
