/** Chooses which of the other processes and threads of a run are worth a tree of their own. */
import { countText } from '../model/processes.ts';
import { titleOf } from '../model/tree/tree.ts';
import type { Program } from '../model/program.ts';
import type { Finding } from '../protocol/report.ts';
import type { Sources } from '../model/sources.ts';

/** A process or thread with what was found in it. */
export interface Told {
  program: Program;
  findings: readonly Finding[];
  /** Its files as it has loaded them. */
  sources: Sources;
}

const MAX_SHOWN = 20;

/** Those with something to tell, and words for the rest; `blocked`: threads that have never answered. */
export function choose(others: readonly Told[], blocked: readonly Program[] = []): { shown: Told[]; notes: string[] } {
  const isKnown = ({ program: { snapshot, stalls } }: Told): boolean => snapshot !== undefined || stalls.length > 0;
  const telling = others.filter((each) => saysSomething(each) && !blocked.includes(each.program));
  const shown = telling.slice(0, MAX_SHOWN);
  const silent = others.filter((each) => !telling.includes(each) && !blocked.includes(each.program));
  const notes = [
    blocked.length === 0
      ? undefined
      : `${blocked.map(blockedText).join(', ')}: did not answer, the event loop is blocked`,
    rest(silent.filter(isKnown), 'nothing pending, nothing found'),
    rest(
      silent.filter((each) => !isKnown(each)),
      'ended before the state was known',
    ),
    rest(telling.slice(MAX_SHOWN), 'not shown here, but in the JSON report'),
  ];
  return { shown, notes: notes.filter((note) => note !== undefined) };
}

function saysSomething({ program: { snapshot, stalls, faults }, findings }: Told): boolean {
  if (findings.length > 0 || faults.length > 0 || (snapshot?.counts.pendingTasks ?? 0) > 0) return true;
  return stalls.some(({ kind }) => kind !== 'startup');
}

const blockedText = ({ hello, blocking }: Program): string =>
  blocking === undefined ? titleOf(hello) : `${titleOf(hello)} (last seen in ${blocking.api})`;

const rest = (told: readonly Told[], why: string): string | undefined =>
  told.length === 0 ? undefined : `${countText(told.map(({ program }) => program))}: ${why}`;
