/** Bundles the agent so that it is small in the memory of every program that it is loaded into: for the build, and for the tests. */
import { buildSync, transformSync } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** esbuild's own way to import a module of Node's copies it getter by getter, once for each file that imports it: 0.4 MB (Node 24). */
const COPY_OF_MODULE = /^var __toESM = \(mod[^]*?\n\)\);\n/m;
/** All names stay live, as they are in such a copy. */
const VIEW_OF_MODULE = 'var __toESM = (mod) => ({ __proto__: mod, default: mod });\n';

/** What the adapter looks for in the heap, as `RECORD_FIELD` in src/protocol/endpoint.ts. */
const RECORD_FIELD = '#record';
const PRIVATE_NAMES = /#[A-Za-z_$][\w$]*/g;

/** Node parses all of it at every start, and V8 keeps text and names: with shorter ones a server takes 1 MB less (Node 20, 22). */
const SHORT = { minifyWhitespace: true, lineLimit: 500, target: 'node20' };

/** `short` with the name that the field has in `whole`: the same names in the same order, but shorter. */
function keepRecordField(short, whole) {
  const names = whole.match(PRIVATE_NAMES) ?? [];
  if (names.length !== short.match(PRIVATE_NAMES)?.length || !names.includes(RECORD_FIELD))
    throw new Error('esbuild shortens private names in another way than agent-text.mjs knows');
  let next = 0;
  return short.replace(PRIVATE_NAMES, (name) => (names[next++] === RECORD_FIELD ? RECORD_FIELD : name));
}

/** The text of the gate before the agent: in the syntax of 2015, so that it parses on any Node. */
export function gateText() {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/agent/gate.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2015',
    external: ['./agent.cjs'],
    logLevel: 'warning',
    write: false,
  });
  return outputFiles[0].text;
}

/**
 * The text of the bundle: without spaces, and with short names within functions. Those of properties and of the functions themselves, which stacks show, stay, and that field. Long lines take
 * less memory, too: V8 keeps a table of the lines of each script that was in a stack. With its shorter syntax esbuild also puts numbers where they are used, of files that have nothing else.
 */
export function agentText() {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/agent/preload.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifySyntax: true,
    logLevel: 'warning',
    write: false,
  });
  const [{ text }] = outputFiles;
  if (!COPY_OF_MODULE.test(text))
    throw new Error('esbuild imports modules of Node in another way than agent-text.mjs knows');
  const { code } = transformSync(text.replace(COPY_OF_MODULE, VIEW_OF_MODULE), SHORT);
  return keepRecordField(transformSync(code, { ...SHORT, minifyIdentifiers: true }).code, code);
}
