/**
 * `npm run demo:vscode`: opens the demo workspace in VS Code with Async Lens. Takes the desktop's `code`, else a downloaded VS Code, else one that
 * is served as a web page on the loopback. `--browser`: the web page at once; `--screenshot FILE`: makes the README's picture instead.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { demo, root, prepareDemo } from './prepare-demo.mjs';

const ARGUMENTS = [`--extensionDevelopmentPath=${root}`, demo];
const HINT = 'Press F5 there, then run `node visit.mjs` in its terminal. The tour is demo/README.md.';

/** Resolves with the exit code, or undefined when the program can't be started. */
function exitCode(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.once('error', () => resolve(undefined));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Opens the `code` of the PATH; false when there is none, or it refuses. */
async function openDesktop() {
  const windows = process.platform === 'win32';
  const args = windows ? ARGUMENTS.map((argument) => `"${argument}"`) : ARGUMENTS;
  return (await exitCode('code', args, { shell: windows })) === 0;
}

/** Downloads VS Code and opens it; false when there is no display or no download. */
async function openDownloaded() {
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDisplay) return false;
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  try {
    const executable = await downloadAndUnzipVSCode();
    console.log(`VS Code opens with the demo. ${HINT}`);
    return (await exitCode(executable, ARGUMENTS)) === 0;
  } catch (error) {
    console.log(`VS Code can't be downloaded (${error.message}).`);
    return false;
  }
}

async function openInBrowser() {
  const { serveDemo } = await import('./demo-browser.mjs');
  await serveDemo((url) => console.log(`\nOpen ${url}\n${HINT} Ctrl+C ends it.`));
}

try {
  const options = { browser: { type: 'boolean' }, screenshot: { type: 'string' } };
  const { browser, screenshot } = parseArgs({ options }).values;
  await prepareDemo();
  if (screenshot !== undefined) {
    const { takeScreenshot } = await import('./screenshot.mjs');
    await takeScreenshot(screenshot);
  } else if (!browser && (await openDesktop())) console.log(`VS Code opens with the demo. ${HINT}`);
  else if (browser || !(await openDownloaded())) await openInBrowser();
} catch (error) {
  console.error(`demo:vscode: ${error.message}`);
  process.exitCode = 1;
}
