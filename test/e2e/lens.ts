/** Reads what Async Lens shows: by its API everywhere, by the page where there is one. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AsyncLensApi } from '../../src/extension.ts';
import type { LensView } from '../../src/protocol/dap.ts';
import { page } from './workbench.ts';
import { eventually } from './waiting.ts';

export const EXTENSION_ID = 'async-lens.async-lens';

/** The API of the extension, activated. */
export async function lens(): Promise<AsyncLensApi> {
  const extension = vscode.extensions.getExtension<AsyncLensApi>(EXTENSION_ID);
  assert.ok(extension, `${EXTENSION_ID} is not installed`);
  return extension.activate();
}

/** The first view for which `test` holds, now or later; one that tells of a fault in the agent fails. */
export async function viewWhere(what: string, test: (view: LensView) => boolean): Promise<LensView> {
  const api = await lens();
  const state = (): string => `Views: ${JSON.stringify(api.views(), undefined, 1)}`;
  const view = await eventually(api.onDidChange, () => api.views().find(test), `a view with ${what}`, state);
  assert.doesNotMatch(view.text, /Async Lens itself failed/);
  return view;
}

/** Resolves when the view has changed so many times more. */
export async function nextViews(count: number): Promise<void> {
  const revision = (await viewWhere('any state', () => true)).revision;
  await viewWhere(`${count} more states`, (view) => view.revision >= revision + count);
}

/** The view of a program in which `text` is to be read. */
export function viewWith(text: string): Promise<LensView> {
  return viewWhere(`"${text}"`, (view) => view.text.includes(text));
}

/** Opens Run and Debug with the task tree, and gives it the room of its neighbours: a page holds only the lines in view. */
export async function openTree(): Promise<void> {
  await vscode.commands.executeCommand('workbench.view.debug');
  await vscode.commands.executeCommand('asyncLens.focus');
  const open = (await page?.attributes('.pane-header[aria-expanded="true"]', 'aria-label')) ?? [];
  for (const label of open.filter((name) => /^(Variables|Watch|Call Stack|Breakpoints|Loaded Scripts)/.test(name))) {
    await page?.click({ selector: `.pane-header[aria-label="${label}"]` });
  }
}

const ROWS = '.pane:has(.pane-header[aria-label*="Async Tasks"]) .monaco-list-row';

/** Texts of the lines of the tree as the page shows them; undefined under a desktop VS Code. */
export async function treeLines(): Promise<string[] | undefined> {
  const texts = await page?.texts(ROWS);
  return texts?.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

/** Clicks the line of the tree that contains `text`. */
export async function clickLine(text: string): Promise<void> {
  await page?.click({ selector: ROWS, text });
}

/** Whether the line of the tree that contains `text` is open; undefined when it has nothing below it, and under a desktop VS Code. */
export async function isOpen(text: string): Promise<boolean | undefined> {
  const [state] = (await page?.attributes(`${ROWS}[aria-label*="${text}"]`, 'aria-expanded')) ?? [];
  return state === 'true' ? true : state === 'false' ? false : undefined;
}

const HOVER = '.monaco-hover:visible';

const HOVERS = 6;
/** A tooltip comes up after half a second. */
const HOVER_MS = 2500;

/**
 * Rests the pointer on the line of the tree that contains `text`, until its tooltip has come up with `expected`. The line may be drawn again just then, as it gets
 * older; then the pointer is moved once more, as a user would.
 */
export async function hoverLine(text: string, expected: string): Promise<void> {
  if (!page) return;
  for (let tries = 1; ; tries++) {
    await page.hover({ selector: `${ROWS} .monaco-icon-label`, text });
    try {
      return await page.wait({ selector: HOVER, text: expected, timeoutMs: HOVER_MS });
    } catch (error) {
      if (tries === HOVERS) throw error;
    }
  }
}

/** The tooltips that are up; undefined under a desktop VS Code. */
export async function tooltips(): Promise<string | undefined> {
  return (await page?.texts(HOVER))?.join('\n');
}

/** Opens or closes the line of the tree that contains `text`. */
export async function toggleLine(text: string): Promise<void> {
  await page?.click({ selector: `${ROWS}[aria-label*="${text}"] .monaco-tl-twistie` });
}

/** Text of the status bar item; undefined under a desktop VS Code. */
export async function statusText(): Promise<string | undefined> {
  const texts = await page?.texts('.statusbar-item[id$="asyncLens.status"]');
  return texts?.join(' ').trim();
}

/** Waits until the page shows a line of the tree that contains `text`. */
export async function lineShown(text: string, timeoutMs?: number): Promise<void> {
  await page?.wait({ selector: ROWS, text, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}
