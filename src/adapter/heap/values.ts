/** Remote objects of the inspector as variables of the debug adapter protocol, in the words of the JavaScript debugger. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { asJson, type Json } from '../cdp.ts';

/** Longer lists are not opened: to read one holds the program up. */
const MAX_LENGTH = 10_000;
const MAX_TEXT = 1000;
/** Of a value inside of another's short form. */
const MAX_PART = 60;

/** The answer of `Runtime.getProperties` as variables; `open` gives the reference by which an object's own properties are asked. */
export function variablesOf(answer: Json, open: (objectId: string) => number): DebugProtocol.Variable[] {
  const own = [...list(answer['result']), ...list(answer['privateProperties'])].map((property) =>
    propertyOf(property, open),
  );
  const internal = list(answer['internalProperties'])
    .filter(({ value }) => !String(asJson(value)['subtype']).startsWith('internal#'))
    .map(({ name, value }) => ({
      ...variableOf(String(name), asJson(value), open),
      presentationHint: { visibility: 'internal' },
    }));
  return [...own, ...internal];
}

/** No getter is ever called: such a property is shown as `(...)`. */
function propertyOf(property: Json, open: (objectId: string) => number): DebugProtocol.Variable {
  const name = String(property['name']);
  if (property['value'] === undefined) {
    return { name, value: '(...)', variablesReference: 0, presentationHint: { kind: 'property', lazy: false } };
  }
  const variable = variableOf(name, asJson(property['value']), open);
  if (property['enumerable'] !== false) return variable;
  return { ...variable, presentationHint: { visibility: 'internal' } };
}

/** One value under a name. */
export function variableOf(name: string, value: Json, open: (objectId: string) => number): DebugProtocol.Variable {
  const { objectId, type } = value;
  const opens = typeof objectId === 'string' && lengthOf(value) <= MAX_LENGTH;
  return {
    name,
    value: textOf(value),
    type: (type === 'object' ? firstText(value['className'], value['subtype']) : undefined) ?? String(type),
    variablesReference: opens ? open(objectId) : 0,
  };
}

/** Of an array, map or set; 0 for anything else. */
function lengthOf({ description }: Json): number {
  return Number(/\((\d+)\)$/.exec(String(description))?.[1] ?? 0);
}

function textOf(value: Json): string {
  const { type, subtype, description } = value;
  if (type === 'undefined' || subtype === 'null') return String(subtype ?? type);
  if (type === 'string') return `'${cut(String(value['value']), MAX_TEXT)}'`;
  if (type === 'function') return functionText(String(description));
  if (type !== 'object') return String(description ?? value['value']);
  const preview = asJson(value['preview']);
  const isPlain = ['array', 'typedarray', 'map', 'set', undefined].includes(subtype as string | undefined);
  if (!isPlain || value['preview'] === undefined) return cut(String(description), MAX_TEXT);
  return previewText(firstText(value['className']) ?? '', preview);
}

/** "ƒ name(a, b)", without the body. */
function functionText(source: string): string {
  if (source.startsWith('class')) return cut(source.split('{')[0]?.trim() ?? 'class', MAX_PART);
  const head = source.replace(/^(?:async\s+)?(?:function\s*)?/, '');
  const sign = head.startsWith('*') ? 'ƒ' : 'ƒ ';
  let depth = 0;
  for (let i = 0; i < head.length; i++) {
    if (head[i] === '(') depth++;
    else if (head[i] === ')' && --depth === 0) return `${sign}${cut(head.slice(0, i + 1), MAX_PART)}`;
    else if (depth === 0 && head.startsWith('=>', i)) return `${sign}${cut(head.slice(0, i).trim(), MAX_PART)}`;
  }
  return `${sign}${cut(head, MAX_PART)}`;
}

function previewText(className: string, preview: Json): string {
  const isList = preview['subtype'] === 'array' || preview['subtype'] === 'typedarray';
  const parts = list(preview['properties']).map((property) => {
    const text = partText(property);
    return isList && /^\d+$/.test(String(property['name'])) ? text : `${String(property['name'])}: ${text}`;
  });
  const entries = list(preview['entries']).map(({ key, value }) => {
    const text = partText(asJson(value));
    return key === undefined ? text : `${partText(asJson(key))} => ${text}`;
  });
  const all = [...(entries.length > 0 ? entries : parts), ...(preview['overflow'] === true ? ['…'] : [])].join(', ');
  if (isList && className === 'Array') return `(${lengthOf(preview)}) [${all}]`;
  if (className === 'Object') return `{${all}}`;
  return `${lengthOf(preview) > 0 ? String(preview['description']) : className} {${all}}`;
}

function partText(part: Json): string {
  const { type, subtype, value, description } = part;
  if (type === 'string') return `'${cut(String(value ?? description), MAX_PART)}'`;
  if (type === 'function') return 'ƒ';
  if (type === 'accessor') return '(...)';
  if (type === 'object' && subtype !== 'null') {
    const text = firstText(value, description) ?? '';
    return text === 'Object' ? '{…}' : cut(text, MAX_PART);
  }
  return cut(String(value ?? description), MAX_PART);
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value) => typeof value === 'string');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}
