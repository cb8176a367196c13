/** Moves a busy loop to a thread of its own, wherever it stands: what it reads goes there, what it assigns comes back. Pure. */
import { makeAsync } from './asyncify.ts';
import type { Fix } from './fix.ts';
import { calledName, functionAround } from './handlers.ts';
import { freeName, importLine, lineEnd, makeKnown } from './imports.ts';
import { exchangeOf } from './loop-reads.ts';
import type { Exchange, Input } from './loop-reads.ts';
import { loopAt } from './loops.ts';
import type { Loop } from './loops.ts';
import { isTaken, propertyName } from './scopes.ts';
import { applyEdits, endOf, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, FunctionNode, Path, Source } from './syntax.ts';
import { needsOf, onThread, placeOf } from './thread.ts';
import type { Needs } from './thread.ts';
import { isPrimitive, isUnset, typeOf } from './value-types.ts';

interface Moved {
  loop: Loop;
  exchange: Exchange;
  /** The function in the thread. */
  name: string;
  caller: string;
  /** Of the inputs; undefined where the text does not say it. */
  types: Map<string, string | undefined>;
}

/** For the loop around a line, from 1, of a file of that base name; undefined where the program would not do the same. */
export function moveLoop(source: Source, line: number, file: string): Fix | undefined {
  if (isTaken(source, 'parentPort') || isTaken(source, 'workerData')) return undefined;
  const loop = loopAt(source, line);
  const exchange = loop && exchangeOf(source, loop);
  const room = loop && makeAsync(source, loop.path);
  if (!loop || !exchange || !room) return undefined;
  const [start, end] = [startOf(loop.path.node), endOf(loop.path.node)];
  // It calls what would have to wait.
  if (room.edits.some((edit) => edit.end >= start && edit.start <= end)) return undefined;
  const [, base = file, ending = '.js'] = /^(.*?)(\.[^.]+)$/.exec(file) ?? [];
  const caller = freeName(source, `${freeName(source, stemOf(functionAround(loop.path)))}InWorker`);
  const name = caller.replace('InWorker', '');
  const worker = makeKnown(source, { module: 'worker_threads', name: 'Worker', at: loop.path });
  const place = placeOf(source, { stem: `./${base}.${name}.worker`, ending, at: loop.path });
  const known = exchange.inputs.map((input) => ({ input, type: knownType(source, input) }));
  const types = new Map(known.map(({ input, type }) => [input.name, type?.text]));
  const annotations = known.flatMap(({ type }) => (type?.annotation ? [type.annotation] : []));
  const given = new Set(exchange.inputs.map((input) => input.name));
  const needs = needsOf(source, [loop.path.node, ...annotations], {
    leaves: (used) => given.has(used),
    withFunctions: true,
  });
  // What it takes a copy of would be another there.
  if (exchange.inputs.some((input) => needs.others.includes(input.of))) return undefined;
  const moved = { loop, exchange, name, caller, types };
  const at = behind(source, loop.path);
  return {
    title: 'Move this loop to a worker thread',
    cautions: [...cautionsOf(source, moved, needs), ...room.cautions],
    edits: [
      ...worker.edits,
      ...place.edits,
      ...room.edits,
      ...exchange.edits,
      { start, end, text: callText(source, moved) },
      {
        start: at,
        end: at,
        text: `\n\n${callerText(source, moved, worker.expression, place.expression)}${/^\r?\n\S/.test(source.text.slice(at)) ? '\n' : ''}`,
      },
    ],
    newFile: { name: `${base}.${name}.worker${ending}`, text: workerText(source, moved, needs, file) },
  };
}

function cautionsOf(source: Source, { loop, exchange, types }: Moved, { functions, imports, others }: Needs): string[] {
  const open = [...types].filter(([, type]) => type === undefined).map(([name]) => name);
  const own = imports.flatMap((text) => /['"](\.[^'"]*)['"]/.exec(text)?.[1] ?? []);
  const throws = loop.inside.some((part) => isPath(part, 'ThrowStatement'));
  return [
    ...(exchange.inputs.every((input) => isPrimitive(source, input))
      ? ['the program goes on meanwhile']
      : [
          'what it reads and gives back is copied, and objects lose their class: a Buffer is a Uint8Array',
          'the program goes on meanwhile',
        ]),
    ...exchange.cautions,
    ...(loop.round === undefined ? [] : [`each round of the loop in line ${loop.round} begins a thread`]),
    ...(throws ? ['what it throws is copied, too'] : []),
    ...(functions.length > 0 ? [`the worker has its own ${functions.join(', ')}`] : []),
    ...(own.length > 0 ? [`the worker loads ${own.join(', ')} for itself`] : []),
    ...(others.length > 0 ? [`the worker also needs ${others.join(', ')}`] : []),
    ...(source.isTypeScript ? ['the new file must be compiled or run like this one'] : []),
    ...(source.isTypeScript && open.length > 0 ? [`the types of ${open.join(', ')} are left open`] : []),
  ];
}

function knownType(source: Source, { of, property, declaration }: Input): ReturnType<typeof typeOf> {
  if (property === 'length' || property === 'size') return { text: 'number' };
  const type = source.isTypeScript ? typeOf(source, declaration, of) : undefined;
  if (!type || property === undefined) return type;
  return { ...type, text: `${/^\w+$/.test(type.text) ? type.text : `(${type.text})`}['${property}']` };
}

/** `({ a, b } = await ...)`. */
function callText(source: Source, { loop, exchange, caller }: Moved): string {
  const given = exchange.inputs.map(({ property, expression, declaration }) => {
    // TypeScript would miss the value.
    const isOpen = source.isTypeScript && property === undefined && isUnset(declaration);
    return isOpen ? `${expression}!` : expression;
  });
  const call = `await ${caller}(${given.join(', ')})`;
  const [first, ...rest] = exchange.results;
  const end = lineEnd(source);
  if (first === undefined) return `${call}${end}`;
  if (rest.length === 0) return `${first} = ${call}${end}`;
  return `${endsOpen(source, loop.path) ? ';' : ''}({ ${exchange.results.join(', ')} } = ${call})${end}`;
}

/** Whether the statement before would go on with a parenthesis. */
function endsOpen(source: Source, { node, parent }: Path): boolean {
  const list =
    parent && 'body' in parent.node && Array.isArray(parent.node.body) ? (parent.node.body as Path['node'][]) : [];
  const before = list[list.indexOf(node) - 1];
  return (
    before !== undefined && !textOf(source, before).endsWith(';') && !/^(?:Function|Class|Import)/.test(before.type)
  );
}

function callerText(source: Source, moved: Moved, worker: string, at: string): string {
  const { exchange, caller } = moved;
  const args = exchange.inputs.map(({ name }) => `${name}: ${typeNamed(moved, name)}`).join(', ');
  const [given, result] = source.isTypeScript
    ? [`...args: [${args}]`, `: Promise<${resultType(moved)}>`]
    : ['...args', ''];
  return [
    '/** Runs a loop on a thread of its own; what it reads and gives back is copied. */',
    `function ${caller}(${given})${result} {`,
    ...onThread(worker, at),
  ].join('\n');
}

function workerText(source: Source, moved: Moved, { imports, copied, others }: Needs, file: string): string {
  const { loop, exchange, name, caller } = moved;
  const isTyped = source.isTypeScript;
  const params = exchange.inputs.map((one) => (isTyped ? `${one.name}: ${typeNamed(moved, one.name)}` : one.name));
  const { results } = exchange;
  const returned = results.length > 1 ? `{ ${results.join(', ')} }` : results[0];
  const body = bodyText(source, loop, exchange.within);
  const data = isTyped ? `(workerData as Parameters<typeof ${name}>)` : 'workerData';
  return [
    `/** The thread of ${caller} in ${file}. */`,
    importLine(source, 'worker_threads', 'parentPort, workerData'),
    ...imports,
    ...(others.length > 0 ? ['', `// Also needed from ${file}: ${others.join(', ')}`] : []),
    '',
    ...copied.flatMap((part) => [part, '']),
    `function ${name}(${params.join(', ')})${isTyped ? `: ${resultType(moved)}` : ''} {`,
    body,
    ...(returned === undefined ? [] : [`${/^\s*/.exec(body)?.[0] ?? ''}return ${returned}${lineEnd(source)}`]),
    '}',
    '',
    `${isTyped ? 'parentPort?.' : 'parentPort.'}postMessage(${name}(...${data}))${lineEnd(source)}`,
    '',
  ].join('\n');
}

function typeNamed({ types }: Moved, name: string): string {
  return types.get(name) ?? 'any';
}

function resultType(moved: Moved): string {
  const [first, ...rest] = moved.exchange.results;
  if (first === undefined) return 'void';
  if (rest.length === 0) return typeNamed(moved, first);
  return `{ ${moved.exchange.results.map((name) => `${name}: ${typeNamed(moved, name)}`).join('; ')} }`;
}

/** The loop, indented as the body of a function; what stands in texts of several lines stays as it is. */
function bodyText(source: Source, { path: { node }, inside }: Loop, within: readonly Edit[]): string {
  const start = startOf(node);
  const indent = /^[ \t]*/.exec(source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1))?.[0] ?? '';
  const unit = indent.startsWith('\t') ? '\t' : '  ';
  const texts = inside.filter((part) => isPath(part, 'TemplateElement', 'StringLiteral'));
  const breaks = [...textOf(source, node).matchAll(/\n[ \t]*/g)].flatMap(({ index, 0: found }): Edit[] => {
    const at = start + index;
    if (texts.some((part) => startOf(part.node) <= at && at < endOf(part.node))) return [];
    const isBlank = /^\r?\n/.test(source.text.slice(at + found.length));
    const kept = found.slice(1).startsWith(indent) ? found.slice(1 + indent.length) : found.slice(1);
    return [{ start: at, end: at + found.length, text: isBlank ? '\n' : `\n${unit}${kept}` }];
  });
  const moved = [...breaks, ...within].map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  return `${unit}${applyEdits(textOf(source, node), moved)}`.replaceAll('\r', '');
}

/** After the statement of the file around a path, and the comment in its last line. */
function behind({ text, program }: Source, { node }: Path): number {
  const statement = program.body.find((one) => startOf(one) <= startOf(node) && endOf(one) >= endOf(node)) ?? node;
  return endOf(statement) + (/^[ \t]*\/\/[^\r\n]*/.exec(text.slice(endOf(statement)))?.[0].length ?? 0);
}

/** Of `hash` and of the handler of '/hash': `hashLoop`. */
function stemOf(path: Path<FunctionNode> | undefined): string {
  const words = (path ? nameOf(path) : '').split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'busy', ...rest] = words;
  const name = [
    first.charAt(0).toLowerCase() + first.slice(1),
    ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ].join('');
  return `${/^\d/.test(name) ? `busy${name}` : name}Loop`;
}

function nameOf({ node, parent, key }: Path<FunctionNode>): string {
  if ('id' in node && node.id) return node.id.name;
  if ('key' in node)
    return node.key.type === 'PrivateName' ? node.key.id.name : (propertyName(node.key, node.computed) ?? '');
  if (isPath(parent, 'VariableDeclarator') && parent.node.id.type === 'Identifier') return parent.node.id.name;
  if (isPath(parent, 'ClassProperty', 'ObjectProperty'))
    return propertyName(parent.node.key, parent.node.computed) ?? '';
  if (isPath(parent, 'AssignmentExpression') && parent.node.left.type === 'MemberExpression')
    return propertyName(parent.node.left.property, parent.node.left.computed) ?? '';
  if (key !== 'arguments' || !isPath(parent, 'CallExpression')) return '';
  const called = calledName(parent.node) ?? '';
  const [first] = parent.node.arguments;
  if (first?.type !== 'StringLiteral') return called;
  // The last word of a route that is no parameter, and the name of an event.
  const word = first.value.split('/').findLast((part) => /^\w/.test(part));
  return first.value.startsWith('/') ? (word ?? called) : `${called} ${first.value}`;
}
