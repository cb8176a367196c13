/** Bundles the agent so that it is small in the memory of every program that it is loaded into: for the build, and for the tests. */
import { buildSync, transformSync } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** esbuild's own way to import a module of Node's copies it getter by getter, once for each file that imports it: 0.4 MB (Node 24). */
const COPY_OF_MODULE = /^var __toESM = \(mod[^]*?\n\)\);\n/m;
/** All names stay live, as they are in such a copy. */
const VIEW_OF_MODULE = 'var __toESM = (mod) => ({ __proto__: mod, default: mod });\n';

/**
 * The text of the bundle. Without spaces, but with all names: error stacks show them, and the adapter knows the agent's private field by its name. Long lines take less memory,
 * too: V8 keeps a table of the lines of each script that was in a stack.
 */
export function agentText() {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/agent/preload.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    write: false,
  });
  const [{ text }] = outputFiles;
  if (!COPY_OF_MODULE.test(text))
    throw new Error('esbuild imports modules of Node in another way than agent-text.mjs knows');
  const { code } = transformSync(text.replace(COPY_OF_MODULE, VIEW_OF_MODULE), {
    minifyWhitespace: true,
    lineLimit: 500,
    target: 'node20',
  });
  return code;
}
