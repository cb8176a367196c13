/** Programs of nested async calls as data, with the await tree that each must have: the tree is known because the program is built from it. */
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';

/** The function that `kind` names in `interpreter.cjs`, and what it does before it stays in its last await. */
export interface Task {
  kind: string;
  /** Which of the three copies of the functions. */
  place: number;
  /** What it awaits first; all of that ends by itself. */
  pauses: string[];
  /** What it starts and does not await. */
  asides: Aside[];
  /** A delay that no other task has; filled in last. */
  ms?: number;
  task?: Task;
  name?: string;
  elements?: Element[];
  index?: number;
  yields?: number;
}

interface Aside {
  kind: string;
  task?: Task;
}

interface Element {
  kind: 'task' | 'value' | 'promise' | 'timer' | 'combinator';
  task?: Task;
  ms?: number;
  name?: string;
  elements?: Element[];
}

/** `shared` are started first; any task can await them. */
export interface RandomProgram {
  shared: Task[];
  tasks: Task[];
}

/** A task as it must be shown; `label` is `file:line`, or the combinator's name. */
export interface TrueTask {
  label: string;
  index?: number;
  leaf?: string;
  children: TrueTask[];
}

const PAUSES = [
  'value',
  'settled',
  'immediate',
  'tick',
  'timer',
  'call',
  'thenable',
  'all',
  'reaction',
  'microtask',
  'rejected',
  'own',
  'iteration',
  'generator',
  'race',
];
const MAX_SHARED = 3;

function taskIn(canShare: boolean): fc.Arbitrary<Task> {
  const { task } = fc.letrec<{ task: Task; leaf: Task; element: Element; aside: Aside }>((tie) => {
    const common = {
      place: fc.nat(2),
      pauses: fc.array(fc.constantFrom(...PAUSES), { maxLength: 3 }),
      asides: fc.array(tie('aside'), { maxLength: 2, depthIdentifier: 'task' }),
    };
    const inner = (kind: string, more: object = {}): fc.Arbitrary<Task> =>
      fc.record({ kind: fc.constant(kind), ...common, task: tie('task'), ...more });
    const leaf = (kind: string): fc.Arbitrary<Task> => fc.record({ kind: fc.constant(kind), ...common });
    const elements = {
      name: fc.constantFrom('all', 'allSettled', 'any', 'race'),
      elements: fc.array(tie('element'), { minLength: 1, maxLength: 4, depthIdentifier: 'task' }),
    };
    const combinator = fc
      .record({
        kind: fc.constant('combinator'),
        ...common,
        ...elements,
      })
      .map(staysPending);
    const shared = fc.record({ kind: fc.constant('shared'), ...common, index: fc.nat(MAX_SHARED - 1) });
    return {
      leaf: fc.oneof(
        { weight: 4, arbitrary: leaf('timer') },
        leaf('promise'),
        leaf('event'),
        leaf('promisified'),
        ...(canShare ? [shared] : []),
      ),
      task: fc.oneof(
        { depthSize: 'medium', depthIdentifier: 'task', maxDepth: 5, withCrossShrink: true },
        tie('leaf'),
        inner('call'),
        inner('call'),
        inner('early'),
        inner('reaction'),
        inner('returns'),
        { weight: 2, arbitrary: fc.oneof(...['own', 'stored', 'rescues', 'body'].map((kind) => inner(kind))) },
        combinator,
        combinator,
        inner('consumer', { yields: fc.nat(2) }),
        inner('delegates', { yields: fc.nat(2) }),
      ),
      element: fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('task' as const), task: tie('task') }) },
        fc.record({ kind: fc.constantFrom('value' as const, 'promise' as const, 'timer' as const) }),
        fc.record({ kind: fc.constant('combinator' as const), ...elements }).map(staysPending),
      ),
      aside: fc.oneof(
        fc.record({ kind: fc.constantFrom('promise', 'reaction') }),
        fc.record({
          kind: fc.constantFrom('task', 'inReaction', 'inTick', 'inMicrotask', 'inImmediate'),
          task: tie('task'),
        }),
      ),
    };
  });
  return task;
}

/** Values would settle an `any` or a `race`, and nothing but values an `all`. */
function staysPending<T extends Pick<Task, 'name' | 'elements'>>(task: T): T {
  const elements = task.elements ?? [];
  const pending = elements.filter(({ kind }) => kind !== 'value');
  const isOne = task.name === 'race' || task.name === 'any' || pending.length === 0;
  const rest: Element[] = pending.length > 0 ? pending : [{ kind: 'promise' }];
  return isOne ? { ...task, elements: rest } : task;
}

/** Also those of combinators within. */
function elementsOf({ elements = [] }: Pick<Task, 'elements'>): Element[] {
  return elements.flatMap((item) => [item, ...elementsOf(item)]);
}

function* tasksOf(task: Task): Iterable<Task> {
  yield task;
  const inner = [task.task, ...elementsOf(task).map((e) => e.task), ...task.asides.map((a) => a.task)];
  for (const below of inner) if (below !== undefined) yield* tasksOf(below);
}

/** Copies, so that a value drawn twice becomes two tasks, and numbers the delays. */
function numbered(drawn: RandomProgram): RandomProgram {
  const program = structuredClone(JSON.parse(JSON.stringify(drawn)) as RandomProgram);
  let ms = 100_000;
  for (const root of [...program.shared, ...program.tasks]) {
    for (const task of tasksOf(root)) {
      if (task.kind === 'timer' || task.kind === 'promisified') task.ms = ++ms;
      for (const element of elementsOf(task)) if (element.kind === 'timer') element.ms = ++ms;
    }
  }
  return program;
}

/** Any program. */
export const randomProgram: fc.Arbitrary<RandomProgram> = fc
  .record({
    shared: fc.array(taskIn(false), { minLength: MAX_SHARED, maxLength: MAX_SHARED }),
    tasks: fc.array(taskIn(true), { minLength: 1, maxLength: 5 }),
  })
  .map(numbered);

/** Where the host finds the functions; their last awaits are marked `// stays`, in generators with their name. */
const interpreter = new URL('../agent/fixtures/random-tree/interpreter.cjs', import.meta.url);

function linesOfLastAwaits(): Map<string, number> {
  const lines = new Map<string, number>();
  let kind = '';
  readFileSync(interpreter, 'utf8')
    .split(/\r?\n/)
    .forEach((text, i) => {
      kind = /^ {4}async (\w+)\(task\)/.exec(text)?.[1] ?? kind;
      const stays = /\/\/ stays(?:: (\w+))?$/.exec(text);
      if (stays !== null) lines.set(stays[1] === undefined ? kind : `${kind}.${stays[1]}`, i + 1);
    });
  return lines;
}

const lines = linesOfLastAwaits();
const label = (task: Task, part = ''): string => `${'abc'[task.place]}.js:${lines.get(task.kind + part)}`;
const timer = (ms: number | undefined): string => `setTimeout ${ms}`;

/** The trees of a program: its roots, and every task there is. */
export function trueTrees(program: RandomProgram): { roots: TrueTask[]; all: TrueTask[] } {
  const all: TrueTask[] = [];
  const roots: TrueTask[] = [];
  const shared: TrueTask[] = [];
  const awaited = new Set<TrueTask>();

  function make(name: string, rest: Omit<TrueTask, 'label'>): TrueTask {
    const node = { label: name, ...rest };
    all.push(node);
    return node;
  }

  function element(item: Element): TrueTask | undefined {
    if (item.kind === 'value') return undefined;
    if (item.kind === 'task' && item.task !== undefined) return awaitable(item.task);
    if (item.kind === 'combinator') return combined(item);
    return { label: '', leaf: item.kind === 'timer' ? timer(item.ms) : 'promise', children: [] };
  }

  /** What a combinator waits for; a race with one element is told as that element. */
  function combined({ name, elements = [] }: Pick<Task, 'name' | 'elements'>): TrueTask {
    const [first] = elements;
    const only = name === 'race' && elements.length === 1 && first !== undefined ? element(first) : undefined;
    if (only !== undefined) return only;
    const children = elements.flatMap((item, index) => {
      const below = element(item);
      return below === undefined ? [] : [name === 'race' ? below : { ...below, index }];
    });
    return make(`Promise.${name}`, { children });
  }

  function combinator(task: Task): TrueTask {
    const below = combined(task);
    return make(label(task), below.label === '' ? { leaf: below.leaf ?? '', children: [] } : { children: [below] });
  }

  /** What awaits the promise of this task waits for. */
  function awaitable(task: Task): TrueTask {
    for (const { task: started } of task.asides) if (started !== undefined) roots.push(awaitable(started));
    const below = (): TrueTask[] => (task.task === undefined ? [] : [awaitable(task.task)]);
    switch (task.kind) {
      case 'timer':
      case 'promisified':
        return make(label(task), { leaf: timer(task.ms), children: [] });
      case 'promise':
      case 'event':
        return make(label(task), { leaf: task.kind, children: [] });
      case 'returns':
        return below()[0] ?? make('', { children: [] });
      case 'combinator':
        return combinator(task);
      case 'shared': {
        const target = shared[task.index ?? 0];
        if (target === undefined) throw new RangeError('no such shared task');
        awaited.add(target);
        return make(label(task), { children: [target] });
      }
      case 'consumer':
        return make(label(task), { children: [make(label(task, '.generator'), { children: below() })] });
      case 'delegates': {
        const inner = make(label(task, '.inner'), { children: below() });
        return make(label(task), { children: [make(label(task, '.outer'), { children: [inner] })] });
      }
      default:
        return make(label(task), { children: below() });
    }
  }

  for (const task of program.shared) shared.push(awaitable(task));
  for (const task of program.tasks) roots.push(awaitable(task));
  roots.push(...shared.filter((task) => !awaited.has(task)));
  return { roots, all };
}
