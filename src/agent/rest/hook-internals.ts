/** Finds what Node's own module of async hooks works with: it is handed out nowhere, but an inspector sees it among the variables of the module's functions. */
import asyncHooks from 'node:async_hooks';
import type { Runtime, Session } from 'node:inspector';

/** As Node calls them, in lib/internal/async_hooks.js (Node 20 to 26). */
export interface HookInternals {
  /** How many hooks there are of each kind, at the indices named below. C++ reads them, too. */
  async_hook_fields: Uint32Array;
  kBefore: number;
  kAfter: number;
  kUsesExecutionAsyncResource: number;
  active_hooks: ActiveHooks;
  /** With a function, C++ calls callbacks through it where there are hooks; without, it calls the hooks itself. */
  setCallbackTrampoline(trampoline?: unknown): void;
  callbackTrampoline: unknown;
}

interface ActiveHooks {
  array: unknown[];
  /** How many hooks are running, one within the other. */
  call_depth: number;
  /** What the list and the fields will be after the hook that runs now; null when that changes nothing. */
  tmp_array: unknown[] | null;
  tmp_fields: number[] | null;
}

const NAMES = [
  'async_hook_fields',
  'kBefore',
  'kAfter',
  'kUsesExecutionAsyncResource',
  'active_hooks',
  'setCallbackTrampoline',
  'callbackTrampoline',
] as const;

/** A global for a moment in which nothing of the program runs. */
const DESK = Symbol.for('async-lens.desk');

/** Throws where Node is different, or has no inspector. 5 to 15 ms. */
export function findHookInternals(): HookInternals {
  const { Session: OwnSession } = require('node:inspector') as typeof import('node:inspector');
  const { enable } = Object.getPrototypeOf(asyncHooks.createHook({})) as { enable: unknown };
  const desk: { enable: unknown; found: unknown[] } = { enable, found: [] };
  const session = new OwnSession();
  session.connect();
  try {
    Object.defineProperty(globalThis, DESK, { value: desk, configurable: true });
    lookUp(session);
  } finally {
    Reflect.deleteProperty(globalThis, DESK);
    session.disconnect();
  }
  const internals = Object.fromEntries(NAMES.map((name, i) => [name, desk.found[i]]));
  if (!areAsExpected(internals)) throw new Error('the async hooks of this Node.js are different');
  return internals;
}

/** Puts what is found onto the desk. */
function lookUp(session: Session): void {
  const post = <T>(method: string, parameters: object): T => {
    let answer: T | undefined;
    // In a session with one's own thread the answer comes before `post` returns.
    session.post(method, parameters, (error: Error | null, result?: object) => {
      if (error === null) answer = result as T;
    });
    if (answer === undefined) throw new Error(`no answer to ${method}`);
    return answer;
  };
  const variablesOf = ({ objectId }: Runtime.RemoteObject): Map<string, Runtime.RemoteObject> => {
    const read = (id: string | undefined): Runtime.GetPropertiesReturnType =>
      post('Runtime.getProperties', { objectId: id, ownProperties: true });
    const scopes = read(objectId).internalProperties?.find(({ name }) => name === '[[Scopes]]')?.value;
    const closures = read(scopes?.objectId).result.filter(({ value }) => value?.description === 'Closure');
    const variables = closures.flatMap(({ value }) => read(value?.objectId).result);
    return new Map(variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
  };
  const evaluate = (expression: string): Runtime.RemoteObject =>
    post<Runtime.EvaluateReturnType>('Runtime.evaluate', { expression, silent: true, disableBreaks: true }).result;
  const desk = `globalThis[Symbol.for('async-lens.desk')]`;
  const enableHooks = variablesOf(evaluate(`${desk}.enable`)).get('enableHooks');
  if (enableHooks === undefined) return;
  const variables = variablesOf(enableHooks);
  post('Runtime.callFunctionOn', {
    objectId: evaluate(desk).objectId,
    functionDeclaration: 'function (...found) { this.found = found; }',
    arguments: NAMES.map((name) => argument(variables.get(name))),
    silent: true,
  });
}

const argument = (value: Runtime.RemoteObject | undefined): Runtime.CallArgument =>
  value?.objectId === undefined ? { value: value?.value as unknown } : { objectId: value.objectId };

function areAsExpected(found: object): found is HookInternals {
  const { async_hook_fields: fields, active_hooks: hooks, ...others } = found as Partial<HookInternals>;
  const indices = [others.kBefore, others.kAfter, others.kUsesExecutionAsyncResource];
  return (
    fields instanceof Uint32Array &&
    Array.isArray(hooks?.array) &&
    typeof hooks.call_depth === 'number' &&
    indices.every((index) => typeof index === 'number' && index < fields.length) &&
    typeof others.setCallbackTrampoline === 'function' &&
    typeof others.callbackTrampoline === 'function'
  );
}
