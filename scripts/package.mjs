/** `npm run package`: builds the extension and its demo, and packs them into async-lens-<version>.vsix. */
import { createVSIX } from '@vscode/vsce';
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds and packs; the path of the .vsix. */
export async function packageExtension() {
  for (const script of ['scripts/build.mjs', 'demo/build.mjs']) {
    execFileSync(process.execPath, [script], { cwd: ROOT, stdio: 'inherit' });
  }
  const { name, version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const file = path.join(ROOT, `${name}-${version}.vsix`);
  await createVSIX({
    cwd: ROOT,
    packagePath: file,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return file;
}

const started = process.argv[1];
if (started && realpathSync(started) === fileURLToPath(import.meta.url)) console.log(await packageExtension());
