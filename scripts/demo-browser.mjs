/** Serves VS Code with Async Lens installed and the demo workspace open as a web page on the loopback. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installExtensions, startServer } from './headless/server.mjs';
import { packageExtension } from './package.mjs';
import { demo, step } from './prepare-demo.mjs';
import { codeServer } from './tools.mjs';

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'remote.autoForwardPorts': false,
};

/** Resolves when the server has ended or the user has interrupted it; `tell` gets the address once it can be opened. */
export async function serveDemo(tell) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'async-lens-demo-'));
  try {
    const options = {
      temporary,
      userData: path.join(temporary, 'user-data'),
      extensions: path.join(temporary, 'extensions'),
      output: temporary,
      disabled: [],
      env: {},
    };
    mkdirSync(path.join(options.userData, 'User'), { recursive: true });
    writeFileSync(path.join(options.userData, 'User', 'settings.json'), JSON.stringify(SETTINGS));
    const tools = await codeServer();
    console.log('Packaging the extension ...');
    const vsix = await packageExtension();
    await step('Installing the extension', () => installExtensions(tools, options, [vsix]));
    const server = await step('Starting VS Code', () => startServer(tools, options));
    const interrupted = new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    tell(`${server.url}?folder=${encodeURIComponent(demo)}`);
    await Promise.race([server.ended, interrupted]);
    await server.stop();
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
