/** Sums up what is known of the members of a group: names, states, creators. */
import type { TaskNode } from '../../protocol/agent.ts';
import type { TaskCreator, TaskState } from '../../protocol/tasks.ts';
import type { Branch } from './branch.ts';
import { coarseNow } from '../promises/clock.ts';
import { commonName } from '../names/names.ts';
import { SHOWN } from './plain-tasks.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { each, type Steps } from './slices.ts';
import type { Creator, FactsOfTasks } from '../names/task-facts.ts';

const MAX_NAMES = 10;
const MAX_CREATORS = 5;
const ACTIVITY: readonly (TaskState | undefined)[] = ['running', 'ready', 'waiting'];

/** Gives frames their index in the snapshot's table. */
export type FrameIndex = (site: number) => number | undefined;

/** Tasks with names and tasks without are told apart, and names by their first word: all `GET`s, all `job 17`s. */
export function nameKind({ record }: Branch, facts: FactsOfTasks): string {
  const label = record === undefined || !facts.hasLabels ? undefined : facts.labelOf(record);
  return label === undefined ? '' : withoutNumbers(label.split(' ', 1)[0] ?? '');
}

/** "job17" is "job*". */
function withoutNumbers(word: string): string {
  let result = '';
  for (const letter of word) {
    if (letter < '0' || letter > '9') result += letter;
    else if (!result.endsWith('*')) result += '*';
  }
  return result;
}

/** The optional fields of a node; names of all members, the rest of the first 50. */
export function* memberFacts(
  members: readonly Branch[],
  facts: FactsOfTasks,
  frameIndex: FrameIndex,
): Steps<Partial<TaskNode>> {
  // Members of one group are of one kind.
  if (members[0]?.record === undefined) return {};
  const waits: PromiseRecord[] = [];
  const labels: string[] = [];
  yield* each(members, ({ record }) => {
    if (record === undefined) return;
    waits.push(record);
    const label = facts.hasLabels ? facts.labelOf(record) : undefined;
    if (label !== undefined) labels.push(label);
  });
  const name = labels.length === waits.length ? commonName(labels) : undefined;
  const names = [...new Set(labels)];
  const known = waits.slice(0, SHOWN).map(facts.of);
  const state = ACTIVITY.find((activity) => known.some((fact) => fact.state === activity));
  const busy = known.map(({ busyMs }) => busyMs).filter((ms) => ms !== undefined);
  const creators = creatorsOf(
    known.map(({ creator }) => creator),
    frameIndex,
  );
  const started = known.find((fact) => fact.started !== undefined)?.started?.map(frameIndex);
  return {
    ...(name === undefined ? {} : { name }),
    ...(names.length > 0 && names[0] !== name ? { names: names.slice(0, MAX_NAMES) } : {}),
    ...(state === undefined || state === 'waiting' ? {} : { state }),
    awaitMs: waits.reduce((most, { atMs }) => Math.max(most, coarseNow() - atMs), 0),
    resumptions: known.reduce((most, { resumptions }) => Math.max(most, resumptions), 0),
    ...(busy.length === 0 ? {} : { busyMs: Math.round(busy.reduce((sum, ms) => sum + ms, 0)) }),
    ...(creators.length === 0 ? {} : { creators }),
    ...(started === undefined ? {} : { startedAt: started.filter((index) => index !== undefined) }),
  };
}

/** Different tasks at one line, or with one name, are told once. */
function creatorsOf(all: readonly (Creator | undefined)[], frameIndex: FrameIndex): TaskCreator[] {
  const groups = new Map<string, TaskCreator>();
  for (const creator of all) {
    if (creator === undefined) continue;
    const { id, site, label, ended, certain } = creator;
    const key = `${site ?? ''}|${label ?? ''}|${site === undefined ? id : ''}`;
    const known = groups.get(key);
    if (known !== undefined) {
      known.count++;
      if (!certain) known.confidence = 'inferred';
      continue;
    }
    const frame = site === undefined ? undefined : frameIndex(site);
    groups.set(key, {
      id,
      ...(label === undefined ? {} : { name: label }),
      ...(frame === undefined ? {} : { frame }),
      ...(ended === undefined ? {} : { ended }),
      confidence: certain ? 'exact' : 'inferred',
      count: 1,
    });
  }
  return [...groups.values()].slice(0, MAX_CREATORS);
}
