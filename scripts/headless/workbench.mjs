/** Opens a real VS Code without a desktop: code-server for the workbench and its extension host, headless Chromium to show it. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium, codeServer } from '../tools.mjs';
import { CONTROL_VARIABLE, openControl } from './control.mjs';
import { installExtensions, startServer } from './server.mjs';

/** Exit codes of a run that did not end by itself. */
const TIMED_OUT = 124;
const SERVER_GONE = 125;
const PAGE_CRASHED = 126;

/** User settings of a fresh profile: no welcome pages, no AI features, nothing that goes to the network. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'terminal.integrated.shellIntegration.enabled': false,
};

/** Runs in the page: puts extensions under development and the test suite into the workbench's configuration. */
function patchConfiguration({ extensions, tests }) {
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = original.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
    const configuration = JSON.parse(value);
    const remote = (file) => ({ scheme: 'vscode-remote', authority: location.host, path: file });
    configuration.developmentOptions = { ...configuration.developmentOptions, extensions: extensions.map(remote) };
    if (tests) configuration.developmentOptions.extensionTestsPath = remote(tests);
    return JSON.stringify(configuration);
  };
}

/** Writes the user settings of a fresh profile; keeps those that are there. */
export function writeSettings(userData, more = {}) {
  const file = path.join(userData, 'User', 'settings.json');
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ ...SETTINGS, ...more }, undefined, 2));
}

function prepareProfile(options) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'async-lens-vscode-'));
  const userData = path.resolve(options.userData ?? path.join(temporary, 'user-data'));
  const extensions = path.resolve(options.extensions ?? path.join(temporary, 'extensions'));
  writeSettings(userData, options.settings);
  mkdirSync(options.output, { recursive: true });
  return { ...options, temporary, userData, extensions };
}

async function openPage(browser, server, options, finish) {
  const viewport = options.size ?? { width: 1400, height: 900 };
  const context = await browser.newContext({ viewport, deviceScaleFactor: options.scale ?? 1 });
  const page = await context.newPage();
  page.on('crash', () => finish(PAGE_CRASHED));
  await page.exposeFunction('codeAutomationExit', finish);
  const log = path.join(options.output, 'workbench.log');
  await page.exposeFunction('codeAutomationLog', (type, parts) => appendFileSync(log, `${type} ${parts.join(' ')}\n`));
  await page.addInitScript(patchConfiguration, { extensions: options.development, tests: options.tests });
  const kind = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  await page.goto(`${server.url}?${kind}=${encodeURIComponent(options.folder)}`);
  return page;
}

/** Installs .vsix files into the profile of `options` without opening it. */
export async function installInto(given, files) {
  const options = prepareProfile({ disabled: [], ...given });
  try {
    await installExtensions(await codeServer(), options, files);
  } finally {
    rmSync(options.temporary, { recursive: true, force: true });
  }
}

/**
 * Opens `folder` (absolute) and resolves once the page is loading. `development`: folders of extensions under development; `tests`: the
 * suite they run; `disabled`: built-in extensions to leave out; `userData`, `extensions`: a profile to keep; `output`: where
 * screenshots and logs go; `limitMs`: time after which it ends with 124. `exited` tells the suite's exit code; call `close` in any case.
 */
export async function openWorkbench(given) {
  const options = prepareProfile({ development: [], disabled: [], env: {}, ...given });
  /** @type {(() => unknown)[]} What to undo, in order of making. */
  const closers = [() => rmSync(options.temporary, { recursive: true, force: true })];
  const close = async () => {
    for (const step of closers.splice(0).toReversed()) await step();
  };
  try {
    const [executablePath, tools] = [await chromium(), await codeServer()];
    let finish;
    const exited = new Promise((resolve) => (finish = resolve));
    const workbench = { page: undefined, url: undefined, exited, close, screenshot: undefined };
    const control = await openControl(() => workbench);
    closers.push(control.close);
    const server = await startServer(tools, { ...options, env: { ...options.env, [CONTROL_VARIABLE]: control.url } });
    closers.push(server.stop);
    void server.ended.then(() => finish(SERVER_GONE));
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    const browser = await playwright.launch({ executablePath, headless: true, args });
    closers.push(() => browser.close());
    workbench.page = await openPage(browser, server, options, finish);
    workbench.url = server.url;
    workbench.screenshot = async (name) => {
      const file = path.join(options.output, `${name}.png`);
      await workbench.page.screenshot({ path: file });
      return file;
    };
    if (options.limitMs) {
      const giveUp = async () => {
        const file = await workbench.screenshot('timed-out').catch((error) => `no screenshot: ${error.message}`);
        console.error(`VS Code did not end within ${options.limitMs / 1000} s (${file})`);
        finish(TIMED_OUT);
      };
      const timer = setTimeout(() => void giveUp(), options.limitMs);
      closers.push(() => clearTimeout(timer));
    }
    return workbench;
  } catch (error) {
    await close();
    throw error;
  }
}
