/** What the extension loads when a file is to be looked into: the parser and all that builds on it, a bundle of its own. */
import { blockingSites } from './blocking.ts';
import type { BlockingSite } from './blocking.ts';
import type { Fix } from './fix.ts';
import { ignoreEdit, ignoreFileEdit, lineStarts } from './ignore.ts';
import { replaceCall } from './replace.ts';
import { moveLoop } from './loop-worker.ts';
import type { Source } from './syntax.ts';
import { parseSource } from './syntax.ts';
import { awaitTogether } from './together.ts';
import { moveToWorker } from './worker.ts';
import { mayBlock } from './worth.ts';

/** A blocking call, by offsets of what is called. */
export interface Call {
  api: string;
  start: number;
  end: number;
  /** "in an async function", "in a request handler", "called from a listener"; undefined where it may be start-up. */
  where?: string;
}

/** One state of a file. */
export interface Examined {
  calls(): Call[];
  /** Fixes for the blocking calls that begin on that line, from 0. */
  replacements(line: number): Fix[];
  /** For the function around that line. */
  worker(line: number): Fix | undefined;
  /** For the loop around that line. */
  loop(line: number): Fix | undefined;
  /** For awaits in a row or a loop, of which one begins on that line. */
  together(line: number): Fix | undefined;
  ignore(line: number, rule: string): Fix | undefined;
  ignoreInFile(rule: string): Fix | undefined;
}

/**
 * Looks into a file; `file` is its base name, and `becomesCommonJs` tells of TypeScript what it is compiled to (default: what is written). Undefined when it
 * can't be parsed.
 */
export function examine(text: string, file: string, becomesCommonJs = (): boolean => false): Examined | undefined {
  const source = parseSource(text, file, becomesCommonJs);
  if (!source) return undefined;
  let found: BlockingSite[] | undefined;
  const sites = (): BlockingSite[] => (found ??= mayBlock(text) ? blockingSites(source) : []);
  return {
    calls: () =>
      sites().map(({ api, start, end, where }) => ({ api, start, end, ...(where === undefined ? {} : { where }) })),
    replacements: (line) => onLine(source, sites(), line).flatMap((site) => replaceCall(source, site)),
    worker: (line) => moveToWorker(source, line + 1, file),
    loop: (line) => moveLoop(source, line + 1, file),
    together: (line) => awaitTogether(source, line),
    ignore(line, rule) {
      const edit = ignoreEdit(source, line, rule);
      return edit && { title: `Ignore ${rule} for this line`, cautions: [], edits: [edit] };
    },
    ignoreInFile(rule) {
      const edit = ignoreFileEdit(source, rule);
      return edit && { title: `Ignore ${rule} in this file`, cautions: [], edits: [edit] };
    },
  };
}

function onLine({ text }: Source, sites: readonly BlockingSite[], line: number): BlockingSite[] {
  const starts = lineStarts(text);
  const [from = 0, to = Infinity] = [starts[line], starts[line + 1]];
  return sites.filter(({ start, end }) => (start >= from && start < to) || (end >= from && end < to));
}
