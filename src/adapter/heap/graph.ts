/** The objects of a heap snapshot and the references between them, in a few typed arrays. */

/** Objects are numbered from 0, which is the root; references lie in the order of their origins. */
export interface HeapGraph {
  nodeCount: number;
  nodeType: Uint8Array;
  /** Index into {@link strings}. */
  nodeName: Uint32Array;
  /** The id by which the inspector knows the object; cut to 32 bits for those outside of JavaScript. */
  nodeId: Uint32Array;
  /** Where the references of a node begin; one entry more than there are nodes. */
  firstEdge: Uint32Array;
  edgeType: Uint8Array;
  /** Index into {@link strings}, or a number for elements and hidden references. */
  edgeName: Uint32Array;
  edgeTo: Uint32Array;
  strings: readonly string[];
  nodeTypes: readonly string[];
  edgeTypes: readonly string[];
  /** Functions and where they begin, by node; line and column start at 0. */
  places: ReadonlyMap<number, { line: number; column: number }>;
}

/** Class name of an object, name of a function, text of a string. */
export function nameOf(graph: HeapGraph, node: number): string {
  return graph.strings[graph.nodeName[node] ?? 0] ?? '';
}

/** `object`, `closure`, `hidden`... */
export function typeOf(graph: HeapGraph, node: number): string {
  return graph.nodeTypes[graph.nodeType[node] ?? 0] ?? '';
}

/** `property`, `element`, `context`, `internal`, `hidden`, `shortcut` or `weak`. */
export function edgeTypeOf(graph: HeapGraph, edge: number): string {
  return graph.edgeTypes[graph.edgeType[edge] ?? 0] ?? '';
}

/** Name of a property, variable or inner field; the number of an element or hidden reference. */
export function edgeNameOf(graph: HeapGraph, edge: number): string {
  const name = graph.edgeName[edge] ?? 0;
  const type = edgeTypeOf(graph, edge);
  return type === 'element' || type === 'hidden' ? String(name) : (graph.strings[name] ?? '');
}

/** The references of a node. */
export function* edgesOf(graph: HeapGraph, node: number): Generator<number> {
  const end = graph.firstEdge[node + 1] ?? 0;
  for (let edge = graph.firstEdge[node] ?? 0; edge < end; edge++) yield edge;
}

/** The node that a reference comes from. */
export function originOf({ firstEdge, nodeCount }: HeapGraph, edge: number): number {
  let low = 0;
  let high = nodeCount;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((firstEdge[middle] ?? 0) <= edge) low = middle;
    else high = middle;
  }
  return low;
}

/** Where an inner field leads. */
export function inner(graph: HeapGraph, node: number, name: string): number | undefined {
  for (const edge of edgesOf(graph, node)) {
    if (edgeTypeOf(graph, edge) === 'internal' && edgeNameOf(graph, edge) === name) return graph.edgeTo[edge];
  }
  return undefined;
}

/** The nodes of one name, in their order. */
export function* nodesNamed(graph: HeapGraph, name: string): Generator<number> {
  const index = graph.strings.indexOf(name);
  if (index < 0) return;
  for (let node = graph.nodeName.indexOf(index); node >= 0; node = graph.nodeName.indexOf(index, node + 1)) yield node;
}

/** The call of an async function or generator that is suspended: V8 keeps its variables in such a field. */
export function isCall(graph: HeapGraph, node: number): boolean {
  return inner(graph, node, 'parameters_and_registers') !== undefined;
}
