/** The report for people: the tree and one line of figures, with colours where they are wanted. */
import type { Report, Severity } from '../protocol/report.ts';
import type { TreeItem } from '../protocol/dap.ts';
import type { TextStyle } from '../model/tree/tree-text.ts';
import { treeText } from '../model/tree/tree-text.ts';
import { countOf, dotted, durationText } from '../model/wording/wording.ts';

/** Text that ends with a line break. */
export function reportText(report: Report, tree: readonly TreeItem[], colour: boolean): string {
  const { counts, loop, process: ended } = report;
  const figures = dotted(
    `ran ${durationText(ended.durationMs)}`,
    `${countOf(counts.promisesCreated, 'promise')} created`,
    `at most ${countOf(counts.peakPendingTasks, 'task')} pending`,
    ...(loop.notStarted === true
      ? ['event loop not started']
      : [`event loop ${Math.round(loop.utilization * 100)} % busy`, latenessText(loop.delayMs)]),
  );
  const text = treeText(tree, colour ? COLOURS : undefined);
  return `\nAsync Lens: ${figures}\n${text}\n`;
}

/** How late the loop came to its timers. */
function latenessText({ p50, p99, max }: Report['loop']['delayMs']): string {
  const [most, longest] = [durationText(p99), durationText(max)];
  return `delay ${durationText(p50)} (median), ${most === longest ? '' : `${most} (99 %), `}up to ${longest}`;
}

/** Whether to use colours on a stream, by its kind and the customary variables. */
export function wantsColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** How text is painted on that stream. */
export function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): TextStyle | undefined {
  return wantsColour(stream, env) ? COLOURS : undefined;
}

const SEVERITIES: Record<Severity, string> = { error: '31', warning: '33', info: '36' };

const COLOURS: TextStyle = {
  label(text, { severity, kind }) {
    if (severity !== undefined) return paint(SEVERITIES[severity], text);
    return kind === 'process' || kind === 'section' ? paint('1', text) : text;
  },
  description: (text) => paint('2', text),
};

function paint(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}
