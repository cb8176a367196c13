/** Reads JavaScript and TypeScript into a tree whose nodes know their parents. Pure. */
import { parse } from '@babel/parser';
import type { ParserPlugin } from '@babel/parser';
import type { Function as BabelFunction, Node, Program } from '@babel/types';

/** A node and the way to it. */
export interface Path<N extends Node = Node> {
  node: N;
  parent: Path | undefined;
  /** Property of the parent that holds it. */
  key: string;
}

/** A function of any form. */
export type FunctionNode = BabelFunction;

/** A parsed file. */
export interface Source {
  text: string;
  program: Program;
  /** All nodes, parents first. */
  paths: Path[];
  /** Those that are identifiers, by name. */
  identifiers: Map<string, Path[]>;
  /** It is an ES module, as written: TypeScript may make something else of it. */
  isModule: boolean;
  isTypeScript: boolean;
  /** What is known of the compilation: TypeScript in the form of an ES module may become CommonJS. */
  becomesCommonJs(): boolean;
}

/** Replaces the text between two offsets. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

const SKIPPED = new Set(['loc', 'extra', 'leadingComments', 'innerComments', 'trailingComments', 'errors', 'tokens']);

/** `file` tells the language by its ending; undefined when the text can't be made sense of. */
export function parseSource(text: string, file: string, becomesCommonJs: () => boolean): Source | undefined {
  const isTypeScript = /\.[mc]?tsx?$/i.test(file);
  const jsx: ParserPlugin[] = /\.(?:[mc]?ts)$/i.test(file) ? [] : ['jsx'];
  const language: ParserPlugin[] = isTypeScript ? ['typescript', 'decorators-legacy'] : ['decorators'];
  try {
    const { program } = parse(text, {
      sourceType: /\.m[jt]s$/i.test(file) ? 'module' : 'unambiguous',
      errorRecovery: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      plugins: [...language, ...jsx, 'explicitResourceManagement'],
    });
    const paths: Path[] = [];
    collect({ node: program, parent: undefined, key: 'program' }, paths);
    const isModule = program.sourceType === 'module' && !/\.c[jt]s$/i.test(file);
    return { text, program, paths, identifiers: identifiersOf(paths), isModule, isTypeScript, becomesCommonJs };
  } catch {
    // Half-written text is no source yet.
    return undefined;
  }
}

function identifiersOf(paths: readonly Path[]): Map<string, Path[]> {
  const byName = new Map<string, Path[]>();
  for (const path of paths) {
    if (!isPath(path, 'Identifier', 'JSXIdentifier')) continue;
    const known = byName.get(path.node.name);
    if (known) known.push(path);
    else byName.set(path.node.name, [path]);
  }
  return byName;
}

function collect(path: Path, into: Path[]): void {
  into.push(path);
  const node = path.node as unknown as Record<string, unknown>;
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (typeof value !== 'object' || value === null || SKIPPED.has(key)) continue;
    if (Array.isArray(value)) {
      for (const one of value as unknown[]) if (isNode(one)) collect({ node: one, parent: path, key }, into);
    } else if (isNode(value)) collect({ node: value, parent: path, key }, into);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** Narrows a path by the type of its node. */
export function isPath<T extends Node['type']>(
  path: Path | undefined,
  ...types: T[]
): path is Path<Extract<Node, { type: T }>> {
  return path !== undefined && types.some((type) => path.node.type === type);
}

/** Whether the node is a function of any form. */
export function isFunction(path: Path | undefined): path is Path<FunctionNode> {
  return isPath(
    path,
    'FunctionDeclaration',
    'FunctionExpression',
    'ArrowFunctionExpression',
    'ObjectMethod',
    'ClassMethod',
    'ClassPrivateMethod',
  );
}

/** The nodes around `path`, from its parent on. */
export function* ancestors(path: Path): Generator<Path> {
  for (let at = path.parent; at; at = at.parent) yield at;
}

/** The text of a node. */
export function textOf({ text }: Source, node: Node): string {
  return text.slice(startOf(node), endOf(node));
}

/** Offset of the first character. */
export function startOf({ start }: Node): number {
  return start ?? 0;
}

/** Offset behind the last character. */
export function endOf({ end }: Node): number {
  return end ?? 0;
}

/** The text with all edits made; those at one place in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: inserted } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, start) + inserted;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}
