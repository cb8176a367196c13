/** Tasks that await one another in a circle. */
import { walkChains, type ChainTask } from './chains.ts';

/** The last task of `path` awaits an earlier one again: the path from that one on; undefined where there is none. */
export function circleOf(path: readonly ChainTask[]): readonly ChainTask[] | undefined {
  const cycle = path.at(-1)?.cycle;
  if (cycle === undefined) return undefined;
  const start = path.findIndex(({ covers }) => covers.includes(cycle));
  return start < 0 ? undefined : path.slice(start);
}

/** Whether nothing from outside can settle what one of them awaits, as a time limit would. */
export const isClosed = (circle: readonly ChainTask[] | undefined): boolean =>
  circle?.every(({ passed }) => passed !== true) === true;

/** Each as the path from the task that is awaited again down to the one that awaits it. */
export function circlesIn(chains: readonly ChainTask[]): (readonly ChainTask[])[] {
  const circles: (readonly ChainTask[])[] = [];
  walkChains(chains, (task, ancestors) => {
    const circle = task.cycle === undefined ? undefined : circleOf([...ancestors, task]);
    if (circle !== undefined) circles.push(circle);
  });
  return circles;
}
