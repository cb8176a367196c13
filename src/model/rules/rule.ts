/** What a rule is: a pure function from a program to findings. */
import type { Finding } from '../../protocol/report.ts';
import type { LensSettings } from '../../protocol/settings.ts';
import type { Program } from '../program.ts';
import type { Sources } from '../sources.ts';

/** Everything a rule may look at. */
export interface RuleContext {
  program: Program;
  settings: LensSettings;
  sources: Sources;
}

/** One rule; it tells each fact once. */
export type Rule = (context: RuleContext) => Finding[];
