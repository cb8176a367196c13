/** Asks through the inspector how promises settled: no code of the program runs, and no promise counts as handled because of it. */
import { AGENT_SYMBOL } from './agent.ts';
import { type Outcome } from './tasks.ts';

/** Sends one command of the Chrome DevTools Protocol and gives its result. */
export type Send = (method: string, parameters: Record<string, unknown>) => Promise<unknown>;

/** The part of the protocol's RemoteObject and PropertyDescriptor that is read here. */
interface Remote {
  objectId?: string;
  type?: string;
  subtype?: string;
  className?: string;
  value?: unknown;
  description?: string;
}
interface Property {
  name: string;
  value?: Remote;
}

const GROUP = 'async-lens-outcomes';
const MAX_ERROR = 200;
/** Of Node and the Web, and of packages (got, axios, p-cancelable). */
const CANCELLED = /^(?:AbortError|Cancel(?:l?ed)?Error)\b/;

/** Of the tasks whose promises the agent holds for this; rejects when the connection ends. About 50 us of the program's time for each. */
export async function askOutcomes(send: Send): Promise<Outcome[]> {
  const expression = `globalThis[Symbol.for(${JSON.stringify(AGENT_SYMBOL)})]?.settled?.()`;
  // A step of the user's must not end in it.
  const question = { expression, objectGroup: GROUP, silent: true, disableBreaks: true };
  const { result } = (await send('Runtime.evaluate', question)) as { result?: Remote };
  if (result?.objectId === undefined) return [];
  try {
    const { result: entries = [] } = await properties(send, result.objectId);
    const at = (index: number): Remote | undefined => entries.find(({ name }) => name === String(index))?.value;
    const outcomes: Outcome[] = [];
    for (let i = 0, id = at(0); id !== undefined; i += 2, id = at(i)) {
      const promise = at(i + 1)?.objectId;
      const outcome = promise === undefined ? undefined : await outcomeOf(send, Number(id.value), promise);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    await send('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

async function properties(
  send: Send,
  objectId: string,
): Promise<{ result?: Property[]; internalProperties?: Property[] }> {
  return (await send('Runtime.getProperties', { objectId, ownProperties: true })) as Awaited<
    ReturnType<typeof properties>
  >;
}

async function outcomeOf(send: Send, id: number, promise: string): Promise<Outcome | undefined> {
  const { internalProperties = [] } = await properties(send, promise);
  const internal = (name: string): Remote | undefined => internalProperties.find((each) => each.name === name)?.value;
  const state = internal('[[PromiseState]]')?.value;
  if (state === 'fulfilled') return { id, state };
  if (state !== 'rejected') return undefined;
  const reason = internal('[[PromiseResult]]') ?? {};
  const error = errorText(reason.className === 'DOMException' ? await asError(send, reason) : reason);
  return { id, state: CANCELLED.test(error) ? 'cancelled' : 'rejected', error };
}

/** To V8 a DOMException is no error before Node 22, but it has a stack. */
async function asError(send: Send, reason: Remote): Promise<Remote> {
  if (reason.subtype === 'error' || reason.objectId === undefined) return reason;
  const stack = (await properties(send, reason.objectId)).result?.find(({ name }) => name === 'stack')?.value?.value;
  return typeof stack === 'string' ? { ...reason, subtype: 'error', description: stack } : reason;
}

/** "TypeError: no such order"; V8 describes an error by its stack. */
function errorText({ subtype, className = '', description, value, type }: Remote): string {
  if (subtype !== 'error')
    return cut(description ?? (type === 'string' ? String(value) : JSON.stringify(value)) ?? 'undefined');
  const head = (description ?? '').split(/\n\s+at /, 1)[0] ?? '';
  // A class that sets no name of its own: V8 says only "Error".
  return cut(className !== '' && /^Error\b/.test(head) ? `${className}${head.slice('Error'.length)}` : head);
}

const cut = (text: string): string => (text.length > MAX_ERROR ? `${text.slice(0, MAX_ERROR)}…` : text);
