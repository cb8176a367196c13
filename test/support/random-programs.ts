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
  kind: 'task' | 'value' | 'promise' | 'timer';
  task?: Task;
  ms?: number;
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

const PAUSES = ['value', 'settled', 'immediate', 'tick', 'timer', 'call', 'thenable', 'all', 'reaction'];
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
    const combinator = fc
      .record({
        kind: fc.constant('combinator'),
        ...common,
        name: fc.constantFrom('all', 'allSettled', 'any', 'race'),
        elements: fc.array(tie('element'), { minLength: 1, maxLength: 4, depthIdentifier: 'task' }),
      })
      .map(staysPending);
    const shared = fc.record({ kind: fc.constant('shared'), ...common, index: fc.nat(MAX_SHARED - 1) });
    return {
      leaf: fc.oneof({ weight: 4, arbitrary: leaf('timer') }, leaf('promise'), ...(canShare ? [shared] : [])),
      task: fc.oneof(
        { depthSize: 'medium', depthIdentifier: 'task', maxDepth: 5, withCrossShrink: true },
        tie('leaf'),
        inner('call'),
        inner('call'),
        inner('early'),
        inner('reaction'),
        inner('returns'),
        combinator,
        combinator,
        inner('consumer', { yields: fc.nat(2) }),
        inner('delegates', { yields: fc.nat(2) }),
      ),
      element: fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('task' as const), task: tie('task') }) },
        fc.record({ kind: fc.constantFrom('value' as const, 'promise' as const, 'timer' as const) }),
      ),
      aside: fc.oneof(
        fc.record({ kind: fc.constantFrom('promise', 'reaction') }),
        fc.record({ kind: fc.constantFrom('task', 'inReaction', 'inTick', 'inImmediate'), task: tie('task') }),
      ),
    };
  });
  return task;
}

/** Values would settle an `any` or a `race`, and nothing but values an `all`. */
function staysPending(task: Task): Task {
  const elements = task.elements ?? [];
  const pending = elements.filter(({ kind }) => kind !== 'value');
  const isOne = task.name === 'race' || task.name === 'any' || pending.length === 0;
  const rest: Element[] = pending.length > 0 ? pending : [{ kind: 'promise' }];
  return isOne ? { ...task, elements: rest } : task;
}

function* tasksOf(task: Task): Iterable<Task> {
  yield task;
  const inner = [task.task, ...(task.elements ?? []).map((e) => e.task), ...task.asides.map((a) => a.task)];
  for (const below of inner) if (below !== undefined) yield* tasksOf(below);
}

/** Copies, so that a value drawn twice becomes two tasks, and numbers the delays. */
function numbered(drawn: RandomProgram): RandomProgram {
  const program = structuredClone(JSON.parse(JSON.stringify(drawn)) as RandomProgram);
  let ms = 100_000;
  for (const root of [...program.shared, ...program.tasks]) {
    for (const task of tasksOf(root)) {
      if (task.kind === 'timer') task.ms = ++ms;
      for (const element of task.elements ?? []) if (element.kind === 'timer') element.ms = ++ms;
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
    return { label: '', leaf: item.kind === 'timer' ? timer(item.ms) : 'promise', children: [] };
  }

  function combinator(task: Task): TrueTask {
    const elements = task.elements ?? [];
    const [first] = elements;
    if (task.name === 'race' && elements.length === 1 && first !== undefined) {
      const only = element(first);
      if (only?.label === '') return make(label(task), { leaf: only.leaf ?? '', children: [] });
      return make(label(task), { children: only === undefined ? [] : [only] });
    }
    const children = elements.flatMap((item, index) => {
      const below = element(item);
      return below === undefined ? [] : [task.name === 'race' ? below : { ...below, index }];
    });
    return make(label(task), { children: [make(`Promise.${task.name}`, { children })] });
  }

  /** What awaits the promise of this task waits for. */
  function awaitable(task: Task): TrueTask {
    for (const { task: started } of task.asides) if (started !== undefined) roots.push(awaitable(started));
    const below = (): TrueTask[] => (task.task === undefined ? [] : [awaitable(task.task)]);
    switch (task.kind) {
      case 'timer':
        return make(label(task), { leaf: timer(task.ms), children: [] });
      case 'promise':
        return make(label(task), { leaf: 'promise', children: [] });
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
