/** Makes the README's picture: opens the demo in the headless VS Code, presses F5, visits the bookshop and photographs the window. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHAPTERS, visit } from '../demo/visit.mjs';
import { openWorkbench } from './headless/workbench.mjs';
import { demo, root } from './prepare-demo.mjs';

const LIMIT_MS = 60_000;
const TREE = '.pane:has([aria-label^="Async Tasks"])';
const SIDE_BAR_WIDTH = 660;
/** Sections of the tree and whether the picture shows them open. */
const SECTIONS = [
  [/^Keeps alive/, false],
  [/^Blocking calls/, false],
  [/^Tasks/, true],
];
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'window.title': '${rootName}',
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'debug.toolBarLocation': 'docked',
  'debug.openDebug': 'openOnDebugBreak',
  'workbench.layoutControl.enabled': false,
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function isOpen(address) {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      await fetch(address);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('F5 did not open the bookshop.', { cause: error });
    }
    await sleep(100);
  }
}

/** Runs a command of VS Code by its title in the command palette. */
async function command(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor({ timeout: LIMIT_MS });
  await page.keyboard.press('Enter');
}

async function openFile(page, name) {
  await page.keyboard.press('Control+P');
  await page.locator('.quick-input-widget input').first().fill(name);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor({ timeout: LIMIT_MS });
  await page.keyboard.press('Enter');
  await page.locator('.tab', { hasText: name }).first().waitFor({ timeout: LIMIT_MS });
}

/** Gives the tree its room: a wide side bar without the other views, the tasks open, the Problems below the editor. */
async function arrange(page) {
  await command(page, 'Problems: Focus on Problems View');
  for (const title of ['Variables', 'Watch', 'Call Stack', 'Loaded Scripts', 'Breakpoints']) {
    const header = page.locator(`.pane-header.expanded[aria-label^="${title}"]`);
    if ((await header.count()) > 0) await header.first().click();
  }
  const { x, width, y, height } = await page.locator('.part.sidebar').boundingBox();
  await page.mouse.move(x + width + 1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(SIDE_BAR_WIDTH, y + height / 2, { steps: 10 });
  await page.mouse.up();
  for (const [section, expanded] of SECTIONS) {
    const row = page.locator(`${TREE} .monaco-list-row[aria-expanded="${!expanded}"]`, { hasText: section });
    if ((await row.count()) > 0) await row.first().locator('.monaco-tl-twistie').click();
  }
  await page
    .locator(`${TREE} .monaco-list-row`, { hasText: /^transfer/ })
    .first()
    .click();
  // Away from the tree, whose rows explain themselves below the mouse.
  await page.mouse.move(SIDE_BAR_WIDTH + 400, 400);
}

/** Writes the picture to `file`; throws when the tree doesn't show the deadlock in time. */
export async function takeScreenshot(file) {
  const port = await freePort();
  const output = path.join(root, 'build', 'screenshots');
  const workbench = await openWorkbench({
    folder: demo,
    development: [root],
    output,
    size: { width: 1440, height: 900 },
    settings: SETTINGS,
    env: { BOOKSHOP_PORT: String(port) },
  });
  try {
    const { page } = workbench;
    await page.locator('.monaco-workbench .part.sidebar').waitFor({ timeout: LIMIT_MS });
    await openFile(page, 'transfer.ts');
    await page.keyboard.press('F5');
    const address = `http://127.0.0.1:${port}`;
    await isOpen(address);
    await command(page, 'Focus on Async Tasks');
    for (const chapter of CHAPTERS) await visit(address, chapter, console.log);
    await page.locator(TREE).getByText('deadlock').first().waitFor({ timeout: LIMIT_MS });
    await arrange(page);
    // One refresh of the tree after the last click.
    await sleep(1000);
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    await page.screenshot({ path: file });
    console.log(`written: ${file}`);
  } catch (error) {
    await workbench.screenshot('screenshot-failed');
    throw error;
  } finally {
    await workbench.close();
  }
}
