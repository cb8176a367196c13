/** Finds the promises of a package's prompt, such as inquirer's: it listens for keys of a terminal and settles the promise that it makes at once, which no hook shows. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { position } from '../promises/promises.ts';
import { settlesExecutor } from '../resources/ties.ts';
import { isPackages } from '../stacks/origin.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { likely } from './call-wait.ts';
import { own, plain } from './objects.ts';

/** Promises made from the opening of the terminal to that of the prompt, at most. */
const NEAR = 4;
/** Programs ask one question after the other. */
const MAX_PROMPTS = 20;
const STACK_DEPTH = 12;

interface Prompt {
  readonly readline: WeakRef<object>;
  readonly segment: number;
  readonly seq: number;
}

/** The latest, last one last. */
const prompts: Prompt[] = [];

function factsOf(readline: object | undefined): WaitFacts | undefined {
  if (readline === undefined || own(readline, 'closed') === true) return undefined;
  const isStdin = own(plain(own(readline, 'input')), 'fd') === 0;
  return { kind: 'event', api: 'prompt', ...(isStdin ? { emitter: 'stdin' } : {}) };
}

/** Whether the function that called Node's is a package's. */
function isOfPackage(): boolean {
  const files = captureCallSites(STACK_DEPTH).map((site) => site.getFileName());
  return isPackages(files.find((file) => file?.startsWith('node:') === false) ?? '');
}

/** A package has opened a terminal: for what it makes a promise next, or has just begun to make one, that is most likely what the promise waits for. */
export function notePrompt(readline: unknown): void {
  const object = plain(readline);
  if (object === undefined || own(object, 'terminal') !== true || !isOfPackage()) return;
  const reference = new WeakRef(object);
  settlesExecutor(() => likely(() => factsOf(reference.deref())));
  prompts.push({ readline: reference, ...position() });
  if (prompts.length > MAX_PROMPTS) prompts.shift();
}

/** What a promise waits for of which nothing else is known, if a prompt has made it. */
export function promptOf({ segment, seq, derived }: PromiseRecord): Wait | undefined {
  if (derived) return undefined;
  const prompt = prompts.findLast((each) => each.segment === segment && each.seq < seq && seq - each.seq <= NEAR);
  const facts = factsOf(prompt?.readline.deref());
  return facts && { facts, confidence: 'inferred' };
}
