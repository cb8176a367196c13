/** Answers the custom requests: the task view, the report, and what the editor tells about its debugger and settings. */
import type { CustomRequests } from '../protocol/dap.ts';
import { completeSettings, customArguments } from './arguments.ts';
import { badArguments, notConnected } from './errors.ts';
import type { Observer } from './observer.ts';

type Command = keyof CustomRequests;
type Handlers = {
  [C in Command]: (args: CustomRequests[C]['arguments'], observer: Observer) => Promise<CustomRequests[C]['body']>;
};

const HANDLERS: Handlers = {
  'asyncLens/snapshot': (args, observer) => observer.view(args.fresh === true),
  'asyncLens/report': (_, observer) => observer.report(),
  'asyncLens/retainers': (args, observer) => observer.retainers(args.task, args.anyway === true),
  'asyncLens/deadAwaits': (args, observer) => observer.deadAwaits(args.anyway === true),
  'asyncLens/debuggerState': async (args, observer) => {
    await observer.setPaused(args.paused, args.stepping);
    return {};
  },
  'asyncLens/evaluating': (args, observer) => {
    observer.setEvaluating(args.evaluating);
    return Promise.resolve({});
  },
  'asyncLens/settings': (args, observer) => {
    observer.setSettings(completeSettings(args.settings));
    return Promise.resolve({});
  },
};

/** The body of the answer; rejects with a coded error for unknown requests, bad arguments and when no program is being watched. */
export async function answerCustom(command: string, args: unknown, observer: Observer | undefined): Promise<object> {
  if (!isCommand(command)) throw badArguments(`There is no request ${command}; this is version 1 of asyncLens`);
  return handle(command, args, observer);
}

async function handle<C extends Command>(command: C, value: unknown, observer: Observer | undefined): Promise<object> {
  const args = customArguments(command, value);
  if (observer === undefined) throw notConnected();
  return HANDLERS[command](args, observer);
}

function isCommand(command: string): command is Command {
  return Object.hasOwn(HANDLERS, command);
}
