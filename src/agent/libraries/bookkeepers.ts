/** Tells awaits of packages that are no waits of their own: they keep count, or are steps within one. */
import { siteAt } from '../stacks/sites.ts';

/** Packages that run a function and await it themselves, beside the promise that they have given for it. */
const BOOKKEEPERS = ['p-limit', 'p-queue', 'p-limit/dist', 'p-queue/dist'].map((folder) => `/node_modules/${folder}`);

const known = new Map<number, boolean>();

/** Whether an await at this site may only keep count of what a task of the program awaits. */
export function isBookkeeper(site: number): boolean {
  let answer = known.get(site);
  if (answer === undefined) {
    const { frame } = siteAt(site);
    known.set(site, (answer = frame !== undefined && isWithin(frame.file)));
  }
  return answer;
}

function isWithin(file: string): boolean {
  const folder = file.replaceAll('\\', '/');
  return BOOKKEEPERS.some((each) => folder.slice(0, folder.lastIndexOf('/')).endsWith(each));
}

const TOLD_WHOLE = ['bullmq', 'ioredis', 'mongodb', 'p-queue'].map((name) => `/node_modules/${name}/`);

/** Whether an await there is a step within a wait that is told for the package's function as a whole. */
export function isToldWhole(frame: { file: string } | undefined): boolean {
  const file = frame?.file.replaceAll('\\', '/');
  return file !== undefined && TOLD_WHOLE.some((folder) => file.includes(folder));
}
