/** What a heap tells of a function: its name, where it was written, and which of V8's own it is. */
import type { Frame } from '../../protocol/agent.ts';
import { inner, nameOf, type HeapGraph } from './graph.ts';

/** Where a function begins; undefined for those of V8. */
export function frameOf(graph: HeapGraph, closure: number): Frame | undefined {
  const place = graph.places.get(closure);
  const shared = inner(graph, closure, 'shared');
  const script = shared === undefined ? undefined : scriptOf(graph, shared);
  if (place === undefined || script === undefined) return undefined;
  return { file: script, line: place.line + 1, column: place.column + 1, function: nameOf(graph, closure) };
}

/** On Node 20 a function with a breakpoint refers to its script by way of the debugger's notes. */
function scriptOf(graph: HeapGraph, shared: number): string | undefined {
  const found = inner(graph, shared, 'script') ?? inner(graph, shared, 'script_or_debug_info');
  if (found === undefined) return undefined;
  const name = inner(graph, found, 'name');
  if (name !== undefined) return nameOf(graph, name);
  return inner(graph, found, 'shared') === shared ? undefined : scriptOf(graph, found);
}

/** Name of the built-in behind a function of V8, such as `PromiseCapabilityDefaultResolve`. */
export function builtinOf(graph: HeapGraph, closure: number): string | undefined {
  const code = inner(graph, closure, 'code');
  return code === undefined ? undefined : /^\((\w+) builtin/.exec(nameOf(graph, code))?.[1];
}
