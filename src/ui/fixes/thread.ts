/** What a thread's file of its own takes along from the file it is cut out of, and how that file finds it. Pure. */
import type { Node } from '@babel/types';
import { functionOf } from './handlers.ts';
import { makeKnown, usesImport } from './imports.ts';
import { declarationOf, topLevel } from './scopes.ts';
import { ancestors, isPath, textOf } from './syntax.ts';
import type { Edit, Path, Source } from './syntax.ts';

/** The expression for the file of the thread. That of TypeScript has another ending once it is compiled. */
export function placeOf(
  source: Source,
  { stem, ending, at }: { stem: string; ending: string; at: Path },
): { expression: string; edits: Edit[] } {
  if (!usesImport(source)) return { expression: `require.resolve('${stem}${ending}')`, edits: [] };
  if (!source.isTypeScript) return { expression: `new URL('${stem}${ending}', import.meta.url)`, edits: [] };
  const { expression: extname, edits } = makeKnown(source, { module: 'path', name: 'extname', at });
  const expression = source.becomesCommonJs()
    ? `require.resolve(\`${stem}\${${extname}(__filename)}\`)`
    : `new URL(\`${stem}\${${extname}(import.meta.url)}\`, import.meta.url)`;
  return { expression, edits };
}

/** The body of the function that runs it: `worker` and `at` are the expressions for the class and for the file. */
export const onThread = (worker: string, at: string): string[] => [
  '  return new Promise((resolve, reject) => {',
  `    const worker = new ${worker}(${at}, { workerData: args });`,
  `    worker.once('message', resolve);`,
  `    worker.once('error', reject);`,
  '  });',
  '}',
];

/** What moved code needs in the file of its own. */
export interface Needs {
  /** Statements. */
  imports: string[];
  /** Interfaces and types of the file, and functions where they are asked for: they come along. */
  copied: string[];
  /** Names of the functions among them. */
  functions: string[];
  /** Names of the file's own things, which stay. */
  others: string[];
}

interface Choice {
  /** Names that the first parts have from elsewhere. */
  leaves: (name: string) => boolean;
  /** Functions at the top of the file come along as well. */
  withFunctions?: boolean;
}

/** What those parts of the file use of it. */
export function needsOf(source: Source, of: readonly Node[], { leaves, withFunctions = false }: Choice): Needs {
  const imports = new Set<string>();
  const others = new Set<string>();
  const functions = new Set<string>();
  const tops = topLevel(source);
  const types = typesOf(source);
  const parts = new Set(of);
  for (const part of parts) {
    for (const used of source.paths) {
      if (!isPath(used, 'Identifier') || !isInside(used, part)) continue;
      const { name } = used.node;
      if ((of.includes(part) && leaves(name)) || isName(used)) continue;
      const type = types.get(name);
      if (type) parts.add(type);
      const declaration = tops.get(name);
      if (!declaration || declarationOf(source, name, used) !== declaration) continue;
      const statement = isPath(declaration.parent, 'ImportDeclaration', 'VariableDeclaration')
        ? textOf(source, declaration.parent.node)
        : '';
      const isHelper = functionOf(declaration) !== undefined;
      const helper = withFunctions && (isHelper || isFixed(declaration)) ? statementOf(declaration) : undefined;
      if (helper) {
        parts.add(helper);
        if (isHelper) functions.add(name);
      } else if (/^import\b|\brequire\(/.test(statement)) imports.add(statement);
      else others.add(name);
    }
  }
  const along = [...types.values(), ...source.program.body.map(bare)].filter(
    (node, index, all) => parts.has(node) && !of.includes(node) && all.indexOf(node) === index,
  );
  return {
    imports: [...imports],
    copied: along.map((node) => textOf(source, node)),
    functions: [...functions],
    others: [...others],
  };
}

/** It names a property. */
export function isName({ key, parent }: Path): boolean {
  if (key !== 'property' && key !== 'key') return false;
  return parent !== undefined && !('computed' in parent.node && parent.node.computed);
}

/** A constant number, text or the like. */
function isFixed({ node, parent }: Path): boolean {
  if (node.type !== 'VariableDeclarator' || !isPath(parent, 'VariableDeclaration')) return false;
  return (
    parent.node.kind === 'const' && /^(?:Numeric|String|Boolean|BigInt|RegExp)Literal$/.test(node.init?.type ?? '')
  );
}

/** The whole declaration; undefined where it declares more than that. */
function statementOf(declaration: Path): Node | undefined {
  if (!isPath(declaration, 'VariableDeclarator')) return declaration.node;
  const list = declaration.parent;
  return isPath(list, 'VariableDeclaration') && list.node.declarations.length === 1 ? list.node : undefined;
}

/** Without `export`. */
function bare(statement: Node): Node {
  return statement.type === 'ExportNamedDeclaration' ? (statement.declaration ?? statement) : statement;
}

/** Interfaces and types at the top of the file, by name. */
export function typesOf({ program }: Source): Map<string, Node> {
  const types = new Map<string, Node>();
  for (const declared of program.body.map(bare)) {
    if (declared.type === 'TSInterfaceDeclaration' || declared.type === 'TSTypeAliasDeclaration')
      types.set(declared.id.name, declared);
  }
  return types;
}

function isInside(path: Path, part: Node): boolean {
  for (const { node } of ancestors(path)) if (node === part) return true;
  return false;
}
