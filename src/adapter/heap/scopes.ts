/** The variables that a suspended call sees: its own, those of its blocks, and those of the functions around it. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { asJson, type Json } from '../cdp.ts';
import type { HeapReader } from './reader.ts';
import { variableOf, variablesOf } from './values.ts';

/** Which of them. */
export type ScopeKind = 'local' | 'closure';

/** What V8 calls the scopes inside of a call (10 to 14); all others but `Global` are around it. */
const INSIDE = /^(?:Block|Local|Catch|With Block|Eval)\b/;

/** The variables of one kind, innermost scope first; a hidden name is left out. `call`: remote object id. */
export async function variablesInCall(
  heap: HeapReader,
  call: string,
  kind: ScopeKind,
  open: (objectId: string) => number,
): Promise<DebugProtocol.Variable[]> {
  const internal = rows((await heap.properties(call))['internalProperties']);
  const scopes = await scopesOf(heap, internal);
  const wanted = scopes.filter(({ name }) => INSIDE.test(name) === (kind === 'local') && name !== 'Global');
  if (kind === 'closure' && wanted.length > 1) {
    return wanted.map(({ name, objectId }) => ({ name, value: '', variablesReference: open(objectId) }));
  }
  const found = new Map<string, DebugProtocol.Variable>();
  for (const { objectId } of wanted) {
    const { result } = await heap.properties(objectId);
    for (const variable of variablesOf({ result }, open)) {
      if (!found.has(variable.name)) found.set(variable.name, variable);
    }
  }
  const receiver = asJson(internal.find(({ name }) => name === '[[GeneratorReceiver]]')?.['value']);
  const hasReceiver = kind === 'local' && receiver['type'] !== undefined && receiver['type'] !== 'undefined';
  return [...found.values(), ...(hasReceiver ? [variableOf('this', receiver, open)] : [])];
}

async function scopesOf(heap: HeapReader, internal: Json[]): Promise<{ name: string; objectId: string }[]> {
  const { objectId } = asJson(internal.find(({ name }) => name === '[[Scopes]]')?.['value']);
  if (typeof objectId !== 'string')
    throw new Error('this version of Node.js does not show the variables of a suspended call');
  return rows((await heap.properties(objectId))['result'])
    .map(({ value }) => asJson(value))
    .filter(({ objectId: id, description }) => typeof id === 'string' && description !== undefined)
    .map(({ objectId: id, description }) => ({ name: String(description), objectId: String(id) }));
}

function rows(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asJson) : [];
}
