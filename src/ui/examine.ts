/** Looks into the documents of the editor, with the parser loaded when the first one is worth it. */
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type * as vscode from 'vscode';
import type { Examined } from './fixes/main.ts';
import { becomesCommonJs } from './module-kind.ts';

/** Documents that can be looked into. */
export const DOCUMENTS: vscode.DocumentFilter[] = [
  'javascript',
  'typescript',
  'javascriptreact',
  'typescriptreact',
].map((language) => ({ language, scheme: 'file' }));

/** Longer ones are generated. So many characters are parsed in 0.1 to 0.2 s, in the extension host. */
const MAX_LENGTH = 500_000;

/** Undefined when the text can't be parsed or is too long. The same state of a document is parsed once. */
export type Examine = (document: vscode.TextDocument) => Examined | undefined;

/** `bundle`: path of the bundle of `fixes/main.ts`. */
export function createExamine(bundle: string): Examine {
  const load = createRequire(bundle);
  const known = new WeakMap<vscode.TextDocument, { version: number; examined: Examined | undefined }>();
  return (document) => {
    const { version } = document;
    const before = known.get(document);
    if (before?.version === version) return before.examined;
    const text = document.getText();
    const { examine } = load(bundle) as typeof import('./fixes/main.ts');
    const { fsPath } = document.uri;
    const isShort = text.length <= MAX_LENGTH;
    const examined = isShort ? examine(text, basename(fsPath), () => becomesCommonJs(fsPath, text)) : undefined;
    known.set(document, { version, examined });
    return examined;
  };
}
