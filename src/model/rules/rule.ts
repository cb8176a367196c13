/** What a rule is: a pure function from a program to findings. */
import type { Finding, Location } from '../../protocol/report.ts';
import type { LensSettings } from '../../protocol/settings.ts';
import type { Program } from '../program.ts';
import type { Sources } from '../sources.ts';

/** Everything a rule may look at. */
export interface RuleContext {
  program: Program;
  settings: LensSettings;
  sources: Sources;
  /** Whether the user silenced this rule at that line; for findings about several places, the others are left out by themselves. */
  isSilenced(location: Location | undefined): boolean;
}

/** One rule; it tells each fact once. What it finds in the last state goes away with that state; what is past stays in the program. */
export type Rule = (context: RuleContext) => Finding[];
