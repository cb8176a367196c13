/** The files that a source text imports by a relative path, as far as the text tells. */
import { byText } from './by-text.ts';
import { tokensOf } from './tokens.ts';

const ENDINGS = ['.ts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];
const MAX_IMPORTS = 20;

/** For each import the paths where the file may be, the likeliest first: a `.js` of TypeScript is a `.ts`. */
export function importedFiles(file: string, text: string): string[][] {
  return pathsIn(text).map((path) => candidatesOf(resolved(file, path)));
}

const pathsIn = byText((text) => {
  const tokens = tokensOf(text);
  const paths = tokens.flatMap(({ kind, text: literal }, at) => {
    const before = tokens[at - 1]?.text;
    const isImport =
      before === 'from' ||
      before === 'import' ||
      (before === '(' && /^(?:require|import)$/.test(tokens[at - 2]?.text ?? ''));
    return kind === 'literal' && isImport && /^['"]\.\.?\//.test(literal) ? [literal.slice(1, -1)] : [];
  });
  return [...new Set(paths)].slice(0, MAX_IMPORTS);
});

function candidatesOf(path: string): string[] {
  if (/\.[cm]?js$/.test(path)) return [path.replace(/js$/, 'ts'), path];
  return /\.[cm]?ts$/.test(path) ? [path] : ENDINGS.map((ending) => path + ending);
}

/** Separators stay those of the file. */
function resolved(file: string, path: string): string {
  const separator = file.includes('\\') ? '\\' : '/';
  const parts = file.split(separator).slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join(separator);
}
