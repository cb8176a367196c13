/** Finds the tasks whose requests have the connections that other requests wait for. */
import type { ClientRequestFacts, WaitFacts } from '../../protocol/waits.ts';
import { walkChains, type ChainTask } from '../chains.ts';

/** By the number of a request: the task that waits for its answer. */
export type RequestIndex = ReadonlyMap<number, ChainTask>;

type HttpFacts = Extract<WaitFacts, { kind: 'http' }>;

function requestOf(facts: WaitFacts | undefined): HttpFacts | undefined {
  if (facts?.kind === 'event') return requestOf(facts.subject);
  return facts?.kind === 'http' ? facts : undefined;
}

/** The requests that have what this one waits for, as far as they are told. */
export function usersOf(facts: WaitFacts | undefined): readonly ClientRequestFacts[] {
  return requestOf(facts)?.connections?.users ?? [];
}

/** Of all tasks those whose requests have connections that others wait for; empty when nobody waits. */
export function indexRequests(tasks: readonly ChainTask[]): RequestIndex {
  const wanted = new Set<number | undefined>();
  walkChains(tasks, ({ wait }) => usersOf(wait?.facts).forEach(({ request }) => wanted.add(request)));
  const index = new Map<number, ChainTask>();
  if (wanted.size === 0) return index;
  walkChains(tasks, (task) => {
    const number = requestOf(task.wait?.facts)?.request;
    if (number !== undefined && wanted.has(number) && !index.has(number)) index.set(number, task);
  });
  return index;
}
