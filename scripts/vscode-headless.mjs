#!/usr/bin/env node
/**
 * A `code` that needs no desktop. Takes the arguments that @vscode/test-electron gives the `code` binary and exits with the suite's exit code;
 * with `--install-extension` alone it installs and ends; without a suite it stays open until interrupted. More: `--output=FOLDER` for
 * screenshots and logs, `--limit=SECONDS` (default 600 with a suite).
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installInto, openWorkbench } from './headless/workbench.mjs';

const many = { type: 'string', multiple: true, default: [] };
const { values, positionals } = parseArgs({
  strict: false, // flags of the desktop application are none of our business
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: many,
    extensionTestsPath: { type: 'string' },
    'install-extension': many,
    'disable-extension': many,
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
    output: { type: 'string', default: path.join('build', 'screenshots') },
    limit: { type: 'string' },
  },
});
const profile = {
  userData: values['user-data-dir'],
  extensions: values['extensions-dir'],
  output: path.resolve(values.output),
};

async function open() {
  const tests = values.extensionTestsPath && path.resolve(values.extensionTestsPath);
  const workbench = await openWorkbench({
    ...profile,
    folder: path.resolve(positionals[0] ?? '.'),
    development: values.extensionDevelopmentPath.map((folder) => path.resolve(folder)),
    tests,
    disabled: values['disable-extension'],
    limitMs: 1000 * Number(values.limit ?? (tests ? 600 : 0)),
  });
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', () => resolve(130));
    process.once('SIGTERM', () => resolve(143));
  });
  if (!tests) console.log(`VS Code is open at ${workbench.url} (Ctrl+C ends it)`);
  const code = await Promise.race([workbench.exited, interrupted]);
  await workbench.close();
  return code;
}

try {
  const files = values['install-extension'];
  if (files.length > 0) await installInto(profile, files);
  if (files.length === 0 || values.extensionTestsPath) process.exitCode = await open();
} catch (error) {
  console.error(`vscode-headless: ${error.message}`);
  process.exitCode = 1;
}
