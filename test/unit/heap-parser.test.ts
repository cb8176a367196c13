/** The reader of V8's heap snapshots. */
import assert from 'node:assert/strict';
import {
  edgeNameOf,
  edgesOf,
  edgeTypeOf,
  nameOf,
  originOf,
  typeOf,
  type HeapGraph,
} from '../../src/adapter/heap/graph.ts';
import { newHeapParser } from '../../src/adapter/heap/parse.ts';
import { retainersOf } from '../../src/adapter/heap/retainers.ts';

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
  node_types: [['hidden', 'object', 'closure'], 'string', 'number', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [['context', 'element', 'property'], 'string_or_number', 'node'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
};

/** With line breaks where V8 puts them. */
const SNAPSHOT = JSON.stringify({
  snapshot: { meta: META, node_count: 3, edge_count: 3 },
  nodes: [0, 0, 1, 0, 2, 0, 1, 1, 4003, 24, 1, 0, 2, 2, 4294967000, 64, 0, 0],
  edges: [2, 3, 6, 1, 0, 12, 0, 4, 12],
  trace_function_infos: [],
  locations: [12, 7, 41, 9],
  strings: ['', 'Mutex', 'a "quoted", ]name', 'lock', 'resolve'],
}).replaceAll(/,(?=\d|"[a-z_]+":\[)/g, ',\n');

function read(pieceLength: number): HeapGraph {
  const parser = newHeapParser();
  for (let at = 0; at < SNAPSHOT.length; at += pieceLength) parser.push(SNAPSHOT.slice(at, at + pieceLength));
  return parser.end();
}

describe('The reader of heap snapshots', () => {
  it('gives names, types, references and places', () => {
    const graph = read(SNAPSHOT.length);
    const text = [0, 1, 2].map((node) => {
      const edges = [...edgesOf(graph, node)].map(
        (edge) => `${edgeTypeOf(graph, edge)} ${edgeNameOf(graph, edge)} -> ${graph.edgeTo[edge]}`,
      );
      return `${typeOf(graph, node)} "${nameOf(graph, node)}" ${graph.nodeId[node]}: ${edges.join(', ')}`;
    });
    assert.deepEqual(text, [
      'hidden "" 1: property lock -> 1, element 0 -> 2',
      'object "Mutex" 4003: context resolve -> 2',
      'closure "a "quoted", ]name" 4294967000: ',
    ]);
    assert.deepEqual([...graph.places], [[2, { line: 41, column: 9 }]]);
  });

  it('does not depend on where the text is cut', () => {
    const whole = read(SNAPSHOT.length);
    for (const length of [1, 2, 3, 7, 64, 500]) assert.deepEqual(read(length), whole, `pieces of ${length}`);
  });

  it('finds who refers to an object', () => {
    const graph = read(SNAPSHOT.length);
    const { first, from } = retainersOf(graph);
    assert.deepEqual(from.slice(first[2], first[3]), Uint32Array.of(0, 1));
    assert.deepEqual(
      [0, 1, 2].map((edge) => originOf(graph, edge)),
      [0, 0, 1],
    );
  });

  it('refuses a text that breaks off', () => {
    const parser = newHeapParser();
    parser.push(SNAPSHOT.slice(0, SNAPSHOT.indexOf('locations')));
    assert.throws(() => parser.end(), /the heap snapshot is not complete/);
  });
});
