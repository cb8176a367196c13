/** Reads a heap snapshot as V8 writes it, piece by piece, into a graph: the text as a whole would be many times as large. */
import type { HeapGraph } from './graph.ts';

/** What the head of a snapshot says about the numbers that follow. */
interface Head {
  snapshot: {
    meta: {
      node_fields: string[];
      node_types: [string[], ...unknown[]];
      edge_fields: string[];
      edge_types: [string[], ...unknown[]];
      location_fields?: string[];
    };
    node_count: number;
    edge_count: number;
  };
}

export interface HeapParser {
  /** The next piece of the text. */
  push(text: string): void;
  /** The graph; throws when the text was not a complete snapshot. */
  end(): HeapGraph;
}

const COMMA = 44;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const CLOSING = 93;

/** The parts of the text, in the order in which all versions of V8 write them (10 to 14). */
const PARTS = ['nodes', 'edges', 'locations', 'strings'] as const;

export function newHeapParser(): HeapParser {
  let text = '';
  let part = 0;
  let sink: ((value: number) => void) | undefined;
  let value = 0;
  let digits = 0;
  const tail: string[] = [];
  let tables: Tables | undefined;

  /** Reads numbers until the closing bracket; what comes after it is left in `text`. */
  function numbers(take: (value: number) => void): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= DIGIT_0 && code <= DIGIT_9) {
        value = value * 10 + code - DIGIT_0;
        digits++;
      } else if (code === COMMA || code === CLOSING) {
        if (digits > 0) take(value);
        value = 0;
        digits = 0;
        if (code === COMMA) continue;
        sink = undefined;
        part++;
        text = text.slice(i + 1);
        return;
      }
    }
    text = '';
  }

  function nextPart(): boolean {
    const mark = `"${PARTS[part]}":[`;
    const at = text.indexOf(mark);
    if (at < 0) return false;
    tables ??= newTables(headOf(text.slice(0, at)));
    text = text.slice(at + mark.length);
    if (part === PARTS.length - 1) part++;
    else sink = tables.sinks[part];
    return true;
  }

  return {
    push(piece) {
      if (part === PARTS.length) {
        tail.push(piece);
        return;
      }
      text += piece;
      while (text !== '') {
        if (sink !== undefined) numbers(sink);
        else if (!nextPart()) return;
        else if (part === PARTS.length) {
          tail.push(text);
          text = '';
        }
      }
    },
    end() {
      const all = tail.join('');
      if (tables === undefined || part < PARTS.length) throw new Error('the heap snapshot is not complete');
      tail.length = 0;
      return tables.graph(JSON.parse(`[${all.slice(0, all.lastIndexOf('}'))}`) as string[]);
    },
  };
}

/** The head ends with the comma before the first list. */
function headOf(text: string): Head {
  return JSON.parse(`${text.slice(0, text.lastIndexOf(','))}}`) as Head;
}

interface Tables {
  /** For the numbers of each part. */
  sinks: ((value: number) => void)[];
  graph(strings: string[]): HeapGraph;
}

function newTables({ snapshot: { meta, node_count: nodeCount, edge_count: edgeCount } }: Head): Tables {
  const nodeType = new Uint8Array(nodeCount);
  const nodeName = new Uint32Array(nodeCount);
  const nodeId = new Uint32Array(nodeCount);
  const firstEdge = new Uint32Array(nodeCount + 1);
  const edgeType = new Uint8Array(edgeCount);
  const edgeName = new Uint32Array(edgeCount);
  const edgeTo = new Uint32Array(edgeCount);
  const places = new Map<number, { line: number; column: number }>();
  const nodeFields = meta.node_fields.length;
  const place = { object_index: 0, script_id: 0, line: 0, column: 0 };

  const node = rows(meta.node_fields, {
    type: (row, value) => (nodeType[row] = value),
    name: (row, value) => (nodeName[row] = value),
    id: (row, value) => (nodeId[row] = value),
    edge_count: (row, value) => (firstEdge[row + 1] = (firstEdge[row] ?? 0) + value),
  });
  const edge = rows(meta.edge_fields, {
    type: (row, value) => (edgeType[row] = value),
    name_or_index: (row, value) => (edgeName[row] = value),
    to_node: (row, value) => (edgeTo[row] = value / nodeFields),
  });
  const location = rows(meta.location_fields ?? ['object_index', 'script_id', 'line', 'column'], {
    object_index: (_, value) => (place.object_index = value / nodeFields),
    line: (_, value) => (place.line = value),
    column: (_, value) => places.set(place.object_index, { line: place.line, column: value }),
  });
  return {
    sinks: [node, edge, location],
    graph: (strings) => ({
      nodeCount,
      nodeType,
      nodeName,
      nodeId,
      firstEdge,
      edgeType,
      edgeName,
      edgeTo,
      strings,
      nodeTypes: meta.node_types[0],
      edgeTypes: meta.edge_types[0],
      places,
    }),
  };
}

/** Hands the numbers of a table, which come row by row, to the columns that are wanted. */
function rows(
  fields: readonly string[],
  columns: Record<string, (row: number, value: number) => unknown>,
): (value: number) => void {
  const handlers = fields.map((name) => columns[name]);
  let row = 0;
  let column = 0;
  return (value) => {
    handlers[column]?.(row, value);
    if (++column < handlers.length) return;
    column = 0;
    row++;
  };
}
