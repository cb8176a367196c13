/** Names that the program itself gives to its tasks: by a marker, or by the type of an AsyncResource. */
import { AsyncResource } from 'node:async_hooks';
import { LABEL_SYMBOL } from '../../protocol/tasks.ts';
import { newBudget } from '../budget.ts';
import { intercept } from '../stacks/intercept.ts';
import { isForeign } from '../stacks/origin.ts';
import { PromiseRecord, type Call } from '../promises/promise-record.ts';
import { coarseNow, position, promiseMadeHere, runningCall } from '../promises/promises.ts';
import { enterResource, nameResource } from './scopes.ts';
import { captureFrames } from '../stacks/stack.ts';

/** A call of the marker: who made it is worked out when somebody looks. */
export interface Mark {
  label: string;
  segment: number;
  /** Number of the last promise made before. */
  seq: number;
  starter: Call | PromiseRecord | null;
  /** The last promise begun before in the same run of code: with the call's own it ends. */
  begun: PromiseRecord | null;
}

const MAX_LABEL = 200;
const MAX_MARKS = 4096;
let marks: Mark[] = [];
let given = false;

/** Whether the marker was ever called. */
export const labelsGiven = (): boolean => given;

const isOpen = ({ starter, begun }: Mark): boolean => begun?.isPending ?? (starter !== null && isPending(starter));

function isPending(starter: Call | PromiseRecord): boolean {
  return starter instanceof PromiseRecord ? starter.isPending : starter.owner?.isPending !== false;
}

/** Marks whose task can still be pending, in order. */
export function openMarks(): readonly Mark[] {
  marks = marks.filter(isOpen);
  return marks;
}

function label(text: unknown): void {
  if (typeof text !== 'string' || text === '') return;
  if (marks.length >= MAX_MARKS) marks = openMarks().slice(-MAX_MARKS / 2);
  given = true;
  const { segment, seq } = position();
  marks.push({ label: text.slice(0, MAX_LABEL), segment, seq, starter: runningCall(), begun: promiseMadeHere() });
}

/** Node's own types are in capitals, but for these; `bound-...` is what `AsyncResource.bind` gives. */
const NODES = /^(?:[A-Z0-9_]+|Timeout|Immediate|Microtask|bound-.*|FinalizationRegistry|AsyncLocalStorage)$/;
/** A stack each, about 5 us: only a type that is not known yet needs one. */
const budget = newBudget(200, 200);
const MAX_TYPES = 1000;
/** Types that packages use for their own ends, such as a body parser's. */
const foreign = new Set<string>();
const STACK_DEPTH = 6;

export const isNodesType = (type: string): boolean => NODES.test(type);

/** A resource is made whose type is not one of Node's: a label when the program's own code made it. */
export function noteResource(id: number, type: string): void {
  if (foreign.has(type) || !budget.take(coarseNow())) return;
  const stack = captureFrames(STACK_DEPTH);
  // Its type is the function's name.
  if (stack.some(({ file, function: name }) => file === 'node:async_hooks' && /(?:^|\.)bind$/.test(name))) return;
  const maker = stack.find(({ file }) => !file.startsWith('node:'));
  if (maker !== undefined && !isForeign(maker)) nameResource(id, type.slice(0, MAX_LABEL));
  else if (foreign.size < MAX_TYPES) foreign.add(type);
}

/** Defines the marker and watches what runs inside of AsyncResources. */
export function startUserLabels(): void {
  const value = Object.freeze(label);
  Object.defineProperty(globalThis, Symbol.for(LABEL_SYMBOL), { value, enumerable: false, configurable: false });
  intercept(AsyncResource.prototype, 'runInAsyncScope', enterResource);
}
