/** Answers who can settle what a task waits for, from a look at the program's heap. */
import type { Retainers } from '../protocol/dap.ts';
import type { Sources } from '../model/sources.ts';
import { durationText } from '../model/wording/wording.ts';
import { messageOf } from './asking.ts';
import { heapUnreadable } from './errors.ts';
import type { HeapReader } from './heap/reader.ts';
import { settlingPath } from './heap/settlers.ts';
import { settlingSteps } from './heap/settler-words.ts';

/** A program that stands still for so long is worth a question, milliseconds. */
const LONG_MS = 1000;

const TEXTS = {
  held: 'It can be settled:',
  never: 'Nothing that the program can still reach settles it: it will wait for ever.',
  gone: 'The task has gone on or ended meanwhile.',
} as const;

/** `anyway`: also when the program would stand still for long. Rejects with `heapUnreadable`. */
export async function retainersOf(
  reader: HeapReader | undefined,
  task: number,
  { anyway, sources }: { anyway: boolean; sources: Sources },
): Promise<Retainers> {
  if (reader === undefined) return verdict('gone', []);
  const estimateMs = anyway ? 0 : await reader.estimateMs();
  if (estimateMs > LONG_MS) {
    const text = `To read the heap takes about ${durationText(estimateMs)}, in which the program stands still.`;
    return { verdict: 'long', text, estimateMs, confidence: 'exact', steps: [] };
  }
  const found = await reader.read(task).catch((error: unknown) => {
    throw heapUnreadable(messageOf(error));
  });
  if (found === undefined) return verdict('gone', []);
  if (found === 'lost') return verdict('never', []);
  const path = settlingPath(found.graph, found.node);
  if (path === undefined) return verdict('never', []);
  const steps = settlingSteps(found.graph, path).map(({ text, at }) => {
    const location = at === undefined ? undefined : sources.locate(at);
    if (location !== undefined) return { text, location };
    return { text: at === undefined ? text : `${text} (${at.file})` };
  });
  return verdict('held', steps);
}

function verdict(kind: keyof typeof TEXTS, steps: Retainers['steps']): Retainers {
  return { verdict: kind, text: TEXTS[kind], confidence: 'exact', steps };
}
