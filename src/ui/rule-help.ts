/** Links a rule to its explanation: the heading of that name in the README that comes with the extension. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RuleId } from '../protocol/report.ts';

export interface RuleHelp {
  /** `code` of a diagnostic: the rule, with a link where an explanation exists. */
  codeOf(rule: RuleId): NonNullable<vscode.Diagnostic['code']>;
}

/** Reads the README once, when the first rule is asked for. Packaging may have changed the case of its name. */
export function createRuleHelp(extensionPath: string): RuleHelp {
  let headings: { uri: vscode.Uri; lines: string[] } | undefined;
  const load = (): { uri: vscode.Uri; lines: string[] } | undefined => {
    const path = ['README.md', 'readme.md'].map((name) => join(extensionPath, name)).find(existsSync);
    if (path === undefined) return undefined;
    return { uri: vscode.Uri.file(path), lines: readFileSync(path, 'utf8').split(/\r?\n/) };
  };
  return {
    codeOf(rule) {
      headings ??= load();
      const line = headings?.lines.findIndex((text) => /^#+ /.test(text) && text.includes(rule)) ?? -1;
      if (!headings || line < 0) return rule;
      return { value: rule, target: headings.uri.with({ fragment: `L${line + 1}` }) };
    },
  };
}
