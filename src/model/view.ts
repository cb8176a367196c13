/** All that the editor shows of one program. */
import type { LensView } from '../protocol/dap.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { runRules } from './findings.ts';
import { loopText } from './stalls/loop.ts';
import type { Program } from './program.ts';
import { openStall } from './program.ts';
import type { Sources } from './sources.ts';
import { treeText } from './tree/tree-text.ts';
import { buildTree, titleOf } from './tree/tree.ts';

/** What only the caller knows. */
export interface ViewContext {
  revision: number;
  paused: boolean;
  settings: LensSettings;
  /** Lines of general information, such as processes left out. */
  notes?: readonly string[];
}

/** The view of the program's last known state. */
export function buildView(program: Program, sources: Sources, context: ViewContext): LensView {
  const { revision, paused, settings, notes = [] } = context;
  const findings = runRules(program, settings, sources);
  const tree = buildTree(program, findings, sources, { paused, notes });
  const stall = openStall(program);
  return {
    revision,
    state: program.exit !== undefined ? 'ended' : paused ? 'paused' : 'running',
    title: titleOf(program.hello),
    ...(program.hello?.internal === true ? { internal: true } : {}),
    tree,
    text: treeText(tree),
    findings,
    status: {
      // As in the tree, which is of the same moment; the polls in between count on.
      pendingTasks: program.snapshot?.counts.pendingTasks ?? program.pendingTasks,
      // The usual one: a single stall of a program that mostly rests is all of its longest.
      delayMs: program.snapshot?.loop.delayMs.p50 ?? 0,
      ...(program.snapshot === undefined ? {} : { loop: loopText(program.snapshot.loop) }),
      ...(stall === undefined ? {} : { stallMs: stall.durationMs }),
    },
  };
}
