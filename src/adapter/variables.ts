/** The scopes of a task's frames and what is in them; what needs a look into the program's heap is read when it is opened. */
import { Handles } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ChainTask } from '../model/chains.ts';
import { shortPlace } from '../model/place.ts';
import { taskName } from '../model/tree/tree-tasks.ts';
import { durationText } from '../model/wording/wording.ts';
import type { Retainers } from '../protocol/dap.ts';
import { isEnding, messageOf } from './asking.ts';
import { heapUnreadable, isAdapterError } from './errors.ts';
import type { HeapReader } from './heap/reader.ts';
import type { Observer } from './observer.ts';
import { variablesInCall, type ScopeKind } from './heap/scopes.ts';
import { variablesOf } from './heap/values.ts';
import { detailsOf } from './threads.ts';

type InHeap = ScopeKind | 'settlers';
type Entry =
  { kind: 'wait'; task: ChainTask } | { kind: InHeap; task: ChainTask } | { kind: 'object'; objectId: string };

export interface TaskVariables {
  /** Id of a frame of this task; also the reference of its wait scope. */
  frameOf(task: ChainTask): number;
  scopes(frameId: number): Promise<DebugProtocol.Scope[]>;
  /** Empty for references that are not valid any more. */
  variables(reference: number): Promise<DebugProtocol.Variable[]>;
  /** The program goes on: no reference is valid any more. */
  reset(): void;
}

/** A shorter time to wait is not worth a word, milliseconds. */
const TELL_FROM_MS = 1000;
const SCOPES: { kind: InHeap; name: string; hint?: string }[] = [
  { kind: 'local', name: 'Local', hint: 'locals' },
  { kind: 'closure', name: 'Closure' },
  { kind: 'settlers', name: 'Who Can Settle It' },
];

const MISSING = {
  gone: 'has gone on or ended meanwhile',
  none: 'has no suspended call in the heap: nothing can resume it, or it is no async function of V8',
} as const;

/** `observer`: of the program, while there is one. */
export function newTaskVariables(observer: () => Observer | undefined): TaskVariables {
  const entries = new Handles<Entry>();
  const entry = (reference: number): Entry | undefined => entries.get(reference);
  const open = (objectId: string): number => entries.create({ kind: 'object', objectId });

  async function inCall(reader: HeapReader, task: ChainTask, kind: ScopeKind): Promise<DebugProtocol.Variable[]> {
    const call = await reader.callOf(task.node.id);
    if ('missing' in call) return [missing(`${taskName(task)} ${MISSING[call.missing]}`)];
    const others = task.node.count > 1 ? [note('(of)', `the oldest of ${task.node.count} equal tasks`)] : [];
    return [...(kind === 'local' ? others : []), ...(await variablesInCall(reader, call.objectId, kind, open))];
  }

  async function read(found: Exclude<Entry, { kind: 'wait' }>): Promise<DebugProtocol.Variable[]> {
    const watched = observer();
    const reader = watched?.heap();
    if (watched === undefined || reader === undefined) return [missing('the program has ended')];
    if (found.kind === 'settlers') return settlers(await watched.retainers(found.task.node.id, true));
    if (found.kind === 'object') return variablesOf(await reader.properties(found.objectId), open);
    return inCall(reader, found.task, found.kind);
  }

  return {
    frameOf: (task) => entries.create({ kind: 'wait', task }),
    async scopes(frameId) {
      const found = entry(frameId);
      if (found?.kind !== 'wait') return [];
      const wait = { name: 'Wait', variablesReference: frameId, expensive: false };
      const reader = observer()?.heap();
      if (reader === undefined) return [wait];
      const time = timeText(await reader.estimateMs().catch(() => 0));
      const isCall = found.task.node.kind === 'async';
      const inHeap = SCOPES.filter(({ kind }) => isCall || kind === 'settlers').map(({ kind, name, hint }) => ({
        name: `${name}${time}`,
        variablesReference: entries.create({ kind, task: found.task }),
        expensive: true,
        ...(hint === undefined ? {} : { presentationHint: hint }),
      }));
      return [...inHeap, wait];
    },
    async variables(reference) {
      const found = entry(reference);
      if (found === undefined) return [];
      if (found.kind === 'wait') return detailsOf(found.task).map((detail) => ({ ...detail, variablesReference: 0 }));
      try {
        return await read(found);
      } catch (error) {
        return [missing(reasonOf(error))];
      }
    },
    reset: () => entries.reset(),
  };
}

function settlers({ verdict, text, confidence, steps }: Retainers): DebugProtocol.Variable[] {
  const rows = steps.map((step, index) => {
    const place = shortPlace(step.location);
    return note(String(index + 1), place === undefined ? step.text : `${step.text} (${place})`);
  });
  return [...(verdict === 'held' ? rows : [note(verdict, text)]), note('confidence', confidence)];
}

/** A row that is no variable. */
function note(name: string, value: string): DebugProtocol.Variable {
  return { name, value, variablesReference: 0, presentationHint: { attributes: ['readOnly'] } };
}

const missing = (why: string): DebugProtocol.Variable => note('(no values)', why);

function reasonOf(error: unknown): string {
  const ended = isEnding(error);
  if (isAdapterError(error)) return error.message;
  return ended ? 'the program has ended' : heapUnreadable(messageOf(error)).message;
}

function timeText(ms: number): string {
  return ms < TELL_FROM_MS ? '' : ` (reading the heap takes about ${durationText(ms)})`;
}
