/** Links a rule to its page in docs/rules, which comes with the extension, as a preview. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RuleId } from '../protocol/report.ts';

export interface RuleHelp {
  /** `code` of a diagnostic: the rule, with a link where an explanation exists. */
  codeOf(rule: RuleId): NonNullable<vscode.Diagnostic['code']>;
}

/** The pages below the extension's own folder; looked for once each. */
export function createRuleHelp(extensionPath: string): RuleHelp {
  const codes = new Map<RuleId, NonNullable<vscode.Diagnostic['code']>>();
  const find = (rule: RuleId): NonNullable<vscode.Diagnostic['code']> => {
    const path = join(extensionPath, 'docs', 'rules', `${rule}.md`);
    if (!existsSync(path)) return rule;
    const page = encodeURIComponent(JSON.stringify([vscode.Uri.file(path)]));
    return { value: rule, target: vscode.Uri.parse(`command:markdown.showPreview?${page}`) };
  };
  return {
    codeOf(rule) {
      const code = codes.get(rule) ?? find(rule);
      codes.set(rule, code);
      return code;
    },
  };
}
