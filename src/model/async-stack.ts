/** The asynchronous stack of paused code as lines to show. */
import type { Frame } from '../protocol/agent.ts';
import type { AsyncFrame, AsyncPart, AsyncStack } from '../protocol/async-stack.ts';
import type { TreeItem } from '../protocol/dap.ts';
import type { Location } from '../protocol/report.ts';
import { packageOf, placeOf, shortPlace } from './place.ts';
import type { Sources } from './sources.ts';
import { combinatorName, countOf, dotted, waitDetail } from './wording/wording.ts';

/** One line: a place of the program, or between two places how one led to the other (`label`). */
export interface HeldLine {
  kind: 'label' | 'user' | 'library';
  text: string;
  location?: Location;
  /** The package, of `library`. */
  library?: string;
}

/** Lines of the calls and then of what led to them, innermost first; without Node's own. */
export function heldLines({ frames, parts }: AsyncStack, sources: Sources): HeldLine[] {
  return [...placesOf(frames, sources), ...parts.flatMap((part) => partLines(part, sources))];
}

/** What the debugger holds: the user's function nearest to it. */
export function heldName({ frames }: AsyncStack, sources: Sources): string {
  return placeOf(frames, sources)?.name ?? '(anonymous)';
}

/** The row "Paused in ..." with its lines; undefined when none of the user's code is held. */
export function heldItem(held: AsyncStack, sources: Sources, id: string): TreeItem | undefined {
  const lines = heldLines(held, sources);
  const top = lines.find(({ kind }) => kind === 'user');
  if (top?.location === undefined) return undefined;
  return {
    id,
    kind: 'section',
    label: `Paused in ${heldName(held, sources)}`,
    description: shortPlace(top.location) ?? '',
    location: top.location,
    icon: 'debug-pause',
    children: lineItems(lines, id),
  };
}

/** One row a line; calls of packages right after each other, such as a router's, are one row. */
function lineItems(lines: readonly HeldLine[], id: string): TreeItem[] {
  const items: TreeItem[] = [];
  for (let i = 0; i < lines.length;) {
    let end = i;
    while (lines[end]?.kind === 'library') end++;
    const run = lines.slice(i, Math.max(end, i + 1));
    const rows = run.map((line, index) => lineItem(line, `${id}/${i + index}`));
    items.push(...(run.length === 1 ? rows : [foldedItem(run, rows, `${id}/${i}-`)]));
    i += run.length;
  }
  return items;
}

function foldedItem(run: readonly HeldLine[], children: TreeItem[], id: string): TreeItem {
  const packages = new Set(run.map(({ library }) => library));
  return {
    id,
    kind: 'task',
    label: [...packages].join(', '),
    description: countOf(run.length, 'call'),
    icon: 'debug-stackframe-dot',
    collapsed: true,
    children,
  };
}

function lineItem({ kind, text, location, library }: HeldLine, id: string): TreeItem {
  const isLabel = kind === 'label';
  return {
    id,
    kind: isLabel ? 'message' : 'task',
    label: text,
    description: isLabel ? '' : dotted(library, shortPlace(location)),
    ...(location === undefined ? {} : { location }),
    icon: isLabel ? 'arrow-up' : 'debug-stackframe-dot',
    children: [],
  };
}

function partLines(part: AsyncPart, sources: Sources): HeldLine[] {
  const lines = part.frames.flatMap((frame) => frameLines(frame, sources));
  if (lines.length === 0 && part.kind !== 'resource') return [];
  return [{ kind: 'label', text: labelOf(part, lines.length) }, ...lines];
}

function labelOf({ kind, facts, confidence }: AsyncPart, count: number): string {
  const likely = confidence === 'exact' ? '' : ' (likely)';
  switch (kind) {
    case 'await':
    case 'settles':
      return `awaited${likely} by`;
    case 'waiters':
      return `awaited${likely} by ${countOf(count, 'task')} side by side`;
    case 'resource': {
      const what =
        facts?.kind === 'timer' ? `${facts.api} ${Math.round(facts.delayMs)} ms` : facts && waitDetail(facts);
      return `callback of ${what ?? 'a resource'}${count === 0 ? '' : ', made at'}`;
    }
  }
}

function frameLines({ frame, combinator, index }: AsyncFrame, sources: Sources): HeldLine[] {
  if (frame !== undefined) return placesOf([frame], sources);
  return [
    { kind: 'label', text: dotted(combinatorName(combinator), index === undefined ? undefined : `element ${index}`) },
  ];
}

function placesOf(frames: readonly Frame[], sources: Sources): HeldLine[] {
  return frames.flatMap((frame): HeldLine[] => {
    const place = placeOf([frame], sources);
    if (place?.location === undefined || packageOf(frame.file) === 'node') return [];
    const { name: text, location, library } = place;
    return [library === undefined ? { kind: 'user', text, location } : { kind: 'library', text, location, library }];
  });
}
