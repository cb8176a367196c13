/** Reads one line of a source file, for rules that look at how something is written. */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';

/** The text of that line; empty when the file can't be read. */
export function sourceLine({ file, line }: Location, sources: Sources): string {
  return sources.textOf?.(file)?.split('\n', line)[line - 1] ?? '';
}
