/** Holds the source tree to its rules: who may import whom, how long a file may be, and that each says what it is for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LONGEST_FILE = 300;

/**
 * Folders of src with the folders they may import besides themselves, whether `node:*` is theirs, and which packages are (`any`: all
 * but vscode). `extension.ts`, the composition root, has a row of its own.
 */
const RULES = {
  protocol: { folders: [], node: false, packages: 'none' },
  model: { folders: ['protocol'], node: false, packages: 'none' },
  agent: { folders: ['protocol'], node: true, packages: 'none' },
  adapter: { folders: ['protocol', 'model'], node: true, packages: 'any' },
  cli: { folders: ['protocol', 'model', 'adapter'], node: true, packages: 'any' },
  webview: { folders: ['protocol', 'model'], node: false, packages: 'none' },
  ui: { folders: ['protocol', 'model', 'adapter'], node: true, packages: 'any', vscode: true },
  'extension.ts': { folders: ['protocol', 'model', 'adapter', 'ui'], node: true, packages: 'any', vscode: true },
};

const IMPORTS = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
];

function filesBelow(folder, extensions) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extensions.includes(path.extname(name)) && !name.split(path.sep).includes('node_modules'))
    .map((name) => path.join(folder, name))
    .toSorted();
}

/** The bundle that the agent's gate finds beside itself in dist: no source file has that name. */
const NEIGHBOUR = path.join('agent', 'agent.cjs');

/** Folder of src that a file belongs to; the file itself when it lies directly in src. */
function ownerOf(source, file) {
  return path.relative(source, file).split(path.sep)[0];
}

/** What is wrong with one import, or undefined. */
function importFault(source, file, specifier) {
  const owner = ownerOf(source, file);
  const rule = RULES[owner];
  if (!rule) return `src/${owner} has no import rule; add one to scripts/check-imports.mjs`;
  if (specifier.startsWith('.')) {
    const target = path.resolve(path.dirname(file), specifier);
    if (path.relative(source, target).startsWith('..')) return `imports ${specifier}, which lies outside src`;
    if (path.relative(source, target) === NEIGHBOUR) return undefined;
    if (!existsSync(target)) return `imports ${specifier}, which is no file (relative imports carry their extension)`;
    const other = ownerOf(source, target);
    if (other === owner || rule.folders.includes(other)) return undefined;
    return `${owner} must not import ${other} (${specifier}); it may import ${rule.folders.join(', ') || 'no other folder'}`;
  }
  if (specifier === 'vscode') return rule.vscode ? undefined : `only src/ui and src/extension.ts may import vscode`;
  if (specifier.startsWith('node:'))
    return rule.node ? undefined : `${owner} must not import ${specifier}: it runs anywhere`;
  return rule.packages === 'any' ? undefined : `${owner} must not depend on a package (${specifier})`;
}

function faultsOf(root, file) {
  const text = readFileSync(file, 'utf8');
  const source = path.join(root, 'src');
  const faults = [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > LONGEST_FILE) faults.push(`has ${lines} lines; at most ${LONGEST_FILE}`);
  if (!path.relative(source, file).startsWith('..')) {
    if (!/^(#!.*\n)?\/\*\*/.test(text)) faults.push('does not open with a doc comment that says what it is for');
    const specifiers = IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]));
    faults.push(...new Set(specifiers.map((specifier) => importFault(source, file, specifier)).filter(Boolean)));
  }
  return faults.map((fault) => `${path.relative(root, file).replaceAll(path.sep, '/')}: ${fault}`);
}

const root = path.resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const files = [
  ...filesBelow(path.join(root, 'src'), ['.ts', '.tsx']),
  ...filesBelow(path.join(root, 'test'), ['.ts', '.mts', '.mjs']),
  ...filesBelow(path.join(root, 'scripts'), ['.mjs', '.cjs', '.mts']),
];
const faults = files.flatMap((file) => faultsOf(root, file));
for (const fault of faults) console.error(fault);
console.log(`${files.length} files checked, ${faults.length} against the rules`);
process.exitCode = faults.length > 0 || files.length === 0 ? 1 : 0;
