// Builds the bookshop into dist/. Without esbuild at hand (`npm install` brings it), a program that is up to date stays as it is.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const outfile = new URL('dist/main.js', import.meta.url);

/** Whether the built program is of the sources as they are now: its source map has their texts. */
function isUpToDate() {
  try {
    const map = new URL('main.js.map', outfile);
    const { sources, sourcesContent } = JSON.parse(readFileSync(map, 'utf8'));
    return sources.every((source, i) => readFileSync(new URL(source, map), 'utf8') === sourcesContent[i]);
  } catch {
    return false; // Something is missing: to be built.
  }
}

async function build() {
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: folder,
    entryPoints: ['src/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    outfile: fileURLToPath(outfile),
    logLevel: 'warning',
  });
}

try {
  await build();
} catch (error) {
  if (error.errors !== undefined) {
    process.exitCode = 1; // esbuild has told what is wrong in the sources.
  } else if (!existsSync(outfile) || !isUpToDate()) {
    const why = existsSync(outfile)
      ? 'The sources have changed since the bookshop was built'
      : 'The bookshop is not built';
    console.error(`${why}, and there is no esbuild to build it (${error.message}). Run once in ${folder}: npm install`);
    process.exitCode = 1;
  }
}
