/** Links a rule to its page in docs/rules, which comes with the extension, as a preview. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { RuleId } from '../protocol/report.ts';

/** Internal command, with the rule as its argument; Problems shows it as it is when the mouse is over the link. */
export const EXPLAIN = 'asyncLens.explain';

/** A link to that command. */
export function explanationOf(rule: RuleId): vscode.Uri {
  return vscode.Uri.parse(`command:${EXPLAIN}?${encodeURIComponent(JSON.stringify([rule]))}`);
}

export interface RuleHelp extends vscode.Disposable {
  /** `code` of a diagnostic: the rule, with a link where an explanation exists. */
  codeOf(rule: RuleId): NonNullable<vscode.Diagnostic['code']>;
}

/** The pages below the extension's own folder; looked for once each. */
export function createRuleHelp(extensionPath: string): RuleHelp {
  const codes = new Map<RuleId, NonNullable<vscode.Diagnostic['code']>>();
  const pageOf = (rule: string): string => join(extensionPath, 'docs', 'rules', `${rule}.md`);
  const find = (rule: RuleId): NonNullable<vscode.Diagnostic['code']> => {
    if (!existsSync(pageOf(rule))) return rule;
    return { value: rule, target: explanationOf(rule) };
  };
  const command = vscode.commands.registerCommand(EXPLAIN, (rule: RuleId) =>
    vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(pageOf(rule))),
  );
  return {
    codeOf(rule) {
      const code = codes.get(rule) ?? find(rule);
      codes.set(rule, code);
      return code;
    },
    dispose: () => void command.dispose(),
  };
}
