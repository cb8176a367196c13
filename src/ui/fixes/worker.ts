/** Moves busy JavaScript to a thread of its own: the skeleton of a worker beside the file, and a function that calls it. Pure. */
import { awaited, makeAsync } from './asyncify.ts';
import type { Fix } from './fix.ts';
import { functionOf, uses } from './handlers.ts';
import { freeName, importLine, makeKnown, usesImport } from './imports.ts';
import { topLevel } from './scopes.ts';
import { ancestors, endOf, isPath, startOf, textOf } from './syntax.ts';
import type { Edit, FunctionNode, Path, Source } from './syntax.ts';
import { needsOf, onThread, placeOf } from './thread.ts';
import type { Needs } from './thread.ts';

/** A function at the top of the file. */
interface Busy {
  name: string;
  path: Path<FunctionNode>;
  /** The whole declaration, without `export`. */
  statement: Path;
}

/** For the function around a line, from 1, of a file of that base name; undefined where there is none at the top of the file. */
export function moveToWorker(source: Source, line: number, file: string): Fix | undefined {
  const busy = busyAt(source, line);
  if (!busy || busy.path.node.generator) return undefined;
  const [, base = file, ending = '.js'] = /^(.*?)(\.[^.]+)$/.exec(file) ?? [];
  const name = `${base}.${busy.name}.worker${ending}`;
  const caller = freeName(source, `${busy.name}InWorker`);
  const worker = makeKnown(source, { module: 'worker_threads', name: 'Worker', at: busy.path });
  const place = placeOf(source, { stem: `./${base}.${busy.name}.worker`, ending, at: busy.path });
  const calls = callsOf(source, busy);
  // An async function gives a promise as before.
  const room = makeAsync(source, ...(busy.path.node.async ? [] : calls));
  const needs = needsOf(source, [busy.path.node], { leaves: (used) => used === busy.name });
  const at = isPath(busy.statement.parent, 'ExportNamedDeclaration') ? busy.statement.parent.node : busy.statement.node;
  return {
    title: `Move ${busy.name} to a worker thread`,
    cautions: [
      'arguments and result are copied',
      ...(source.isTypeScript ? ['the new file must be compiled or run like this one'] : []),
      ...(needs.others.length > 0 ? [`the worker also needs ${needs.others.join(', ')}`] : []),
      ...(room ? room.cautions : ['the calls stay as they are']),
    ],
    edits: [
      ...worker.edits,
      ...place.edits,
      {
        start: endOf(at),
        end: endOf(at),
        text: `\n\n${callerText(source, busy.name, caller, worker.expression, place.expression)}`,
      },
      ...(room?.edits ?? []),
      ...(room ? calls.flatMap((call) => replaceCallee(source, call, caller, busy.path.node.async === true)) : []),
    ],
    newFile: { name, text: workerText(source, busy, { file, caller, ...needs }) },
  };
}

function busyAt(source: Source, line: number): Busy | undefined {
  for (const [name, declaration] of topLevel(source)) {
    const path = functionOf(declaration);
    const loc = path?.node.loc;
    if (!path || !loc || line < loc.start.line || line > loc.end.line) continue;
    const statement = isPath(declaration, 'VariableDeclarator') ? declaration.parent : declaration;
    return statement ? { name, path, statement } : undefined;
  }
  return undefined;
}

/** The calls from elsewhere in the file. */
function callsOf(source: Source, { path }: Busy): Path[] {
  const own = new Set<unknown>([path.node]);
  return (uses(source, path)?.references ?? []).flatMap(({ parent, key, ...reference }) => {
    const isOwn = [...ancestors({ parent, key, ...reference })].some(({ node }) => own.has(node));
    return key === 'callee' && isPath(parent, 'CallExpression') && !isOwn ? [parent] : [];
  });
}

function replaceCallee(source: Source, call: Path, caller: string, wasAsync: boolean): Edit[] {
  if (!isPath(call, 'CallExpression')) return [];
  if (wasAsync || isPath(call.parent, 'AwaitExpression')) return [replaceText(call.node.callee, caller)];
  const [before, ...behind] = awaited(source, call);
  return before ? [replaceText(call.node.callee, `${before.text}${caller}`), ...behind] : [];
}

function replaceText(node: Path['node'], text: string): Edit {
  return { start: startOf(node), end: endOf(node), text };
}

function callerText(source: Source, name: string, caller: string, worker: string, at: string): string {
  const [args, result] = source.isTypeScript
    ? [`...args: Parameters<typeof ${name}>`, `: Promise<Awaited<ReturnType<typeof ${name}>>>`]
    : ['...args', ''];
  return [
    `/** Runs ${name} on a thread of its own; arguments and result are copied. */`,
    `function ${caller}(${args})${result} {`,
    ...onThread(worker, at),
  ].join('\n');
}

function workerText(
  source: Source,
  { name, path, statement }: Busy,
  { file, caller, imports, copied, others }: { file: string; caller: string } & Needs,
): string {
  const isModule = usesImport(source);
  const port = source.isTypeScript ? 'parentPort?.' : 'parentPort.';
  const call = `${name}(...${source.isTypeScript ? `(workerData as Parameters<typeof ${name}>)` : 'workerData'})`;
  // What TypeScript makes of the file may have no await at its top.
  const send = !path.node.async
    ? `${port}postMessage(${call});`
    : isModule && !source.isTypeScript
      ? `${port}postMessage(await ${call});`
      : `${source.isTypeScript ? 'void ' : ''}${call}.then((result) => ${port}postMessage(result));`;
  return [
    `/** The thread of ${caller} in ${file}. */`,
    importLine(source, 'worker_threads', 'parentPort, workerData'),
    ...imports,
    ...(others.length > 0 ? ['', `// Also needed from ${file}: ${others.join(', ')}`] : []),
    '',
    ...copied.flatMap((part) => [part, '']),
    textOf(source, statement.node),
    '',
    send,
    '',
  ].join('\n');
}
