/** The work in libuv's thread pool as the user should see it: in words, with its line and the tasks that wait for it. */
import type { Snapshot } from '../../protocol/agent.ts';
import type { PoolWork } from '../../protocol/thread-pool.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import type { Place } from '../place.ts';
import { framesOf, lineKey, placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { waitDetail } from '../wording/wording.ts';

/** Equal work of one line. */
export interface PoolLine {
  /** "crypto.pbkdf2 ×4". */
  text: string;
  work: PoolWork;
  place?: Place;
  /** The tasks that wait for it, each with the outermost task that waits for it in turn. */
  owners: { task: ChainTask; root: ChainTask }[];
}

/** In the given order; `tasks` of a state that is over are not there any more. */
export function poolLines(works: readonly PoolWork[], snapshot: Snapshot, sources: Sources): PoolLine[] {
  const lines = new Map<string, PoolLine>();
  const index = indexTasks(works, chainsOf(snapshot, sources));
  for (const work of works) {
    const place = placeOf(framesOf(work.frames, snapshot), sources);
    const detail = waitDetail(work.facts);
    const key = `${detail} ${place?.library === undefined ? lineKey(place?.location) : ''}`;
    const line = lines.get(key);
    const whole = line === undefined ? work : merged(line.work, work);
    lines.set(key, {
      text: whole.count > 1 ? `${detail} ×${whole.count}` : detail,
      work: whole,
      ...(place === undefined ? {} : { place }),
      owners: [...new Set((whole.tasks ?? []).map((id) => index.get(id)))].filter((owner) => owner !== undefined),
    });
  }
  return [...lines.values()];
}

/** "login → hash", and how many other tasks there are. */
export function ownerText({ owners }: PoolLine): string | undefined {
  const names = owners.map(({ task, root }) =>
    root === task ? taskName(task) : `${taskName(root)} → ${taskName(task)}`,
  );
  const [first, ...others] = [...new Set(names)];
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function merged(a: PoolWork, b: PoolWork): PoolWork {
  const tasks = [...(a.tasks ?? []), ...(b.tasks ?? [])];
  return { ...a, count: a.count + b.count, ageMs: Math.max(a.ageMs, b.ageMs), tasks };
}

function indexTasks(works: readonly PoolWork[], chains: readonly ChainTask[]): Map<number, PoolLine['owners'][number]> {
  const wanted = new Set(works.flatMap(({ tasks }) => tasks ?? []));
  const index = new Map<number, PoolLine['owners'][number]>();
  if (wanted.size === 0) return index;
  walkChains(chains, (task, [root = task]) => {
    const owner = { task, root };
    for (const id of task.covers) if (wanted.has(id) && !index.has(id)) index.set(id, owner);
  });
  return index;
}
