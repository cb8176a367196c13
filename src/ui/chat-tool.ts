/** The tool `asyncLens_tasks` for the chat of VS Code: what the programs under the debugger wait for, as the tree tells it. Reads only. */
import * as vscode from 'vscode';
import type { Fetcher } from './fetch.ts';
import type { Store } from './state.ts';

/** The name in the manifest. */
const NAME = 'asyncLens_tasks';
/** Of one program; a model reads no more than it is given, and pays for all of it. Characters. */
const MOST_TEXT = 20_000;

/** Editors made from VS Code may have no such API: then there is no tool. */
export function registerChatTool(store: Store, fetcher: Fetcher): vscode.Disposable {
  if (!Reflect.has(vscode, 'lm')) return new vscode.Disposable(() => undefined);
  return vscode.lm.registerTool(NAME, {
    prepareInvocation: () => ({ invocationMessage: 'Reading the async tasks' }),
    async invoke() {
      await fetcher.refresh();
      const texts = store.shown().flatMap(({ view }) => (view ? [shortened(view.text)] : []));
      const text = texts.length > 0 ? texts.join('\n\n') : 'No Node.js program is being debugged under Async Lens.';
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  });
}

function shortened(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  const kept = text.slice(0, MOST_TEXT).replace(/\n[^\n]*$/, '');
  const left = text.slice(kept.length + 1).split('\n').length;
  return `${kept}\n(${left} more lines; "Async Lens: Show Report" has all of it)`;
}
