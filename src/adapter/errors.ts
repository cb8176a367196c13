/** The errors a user can see: one factory for each code of the protocol, each a sentence that says what to do. */
import { ERROR_CODES } from '../protocol/dap.ts';
import type { Frame } from '../protocol/agent.ts';
import { PROTOCOL_VERSION } from '../protocol/agent.ts';

/** An error with a code of {@link ERROR_CODES}. */
export interface AdapterError extends Error {
  code: number;
}

/** Oldest supported major version of Node.js. */
export const OLDEST_NODE = 20;

function coded(code: keyof typeof ERROR_CODES, message: string): AdapterError {
  return Object.assign(new Error(message), { code: ERROR_CODES[code] });
}

/** Whether a caught value is one of this file's errors. */
export function isAdapterError(error: unknown): error is AdapterError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** The launch configuration names no program. */
export function programMissing(): AdapterError {
  return coded(
    'programMissing',
    'Set "program" in the launch configuration to the JavaScript or TypeScript file to run.',
  );
}

/** There is no file at the configured path. */
export function programNotFound(path: string): AdapterError {
  return coded(
    'programNotFound',
    `There is no program at ${path}. Correct "program" (or "cwd") in the launch configuration.`,
  );
}

/** The runtime is not on PATH or not at the configured path. */
export function runtimeNotFound(runtime: string): AdapterError {
  return coded(
    'runtimeNotFound',
    `Cannot run "${runtime}". Install Node.js, or set "runtimeExecutable" to its full path.`,
  );
}

/** The program's Node.js is not supported. */
export function nodeTooOld(version: string): AdapterError {
  return coded(
    'nodeTooOld',
    `Async Lens needs Node.js ${OLDEST_NODE} or later, and the program's is ${version}. Set "runtimeExecutable" to a newer one.`,
  );
}

/** Part of the installation is gone. */
export function agentMissing(path: string): AdapterError {
  return coded('agentMissing', `The file ${path} of Async Lens is missing. Install Async Lens again.`);
}

/** Nobody answers at the inspector's address. */
export function inspectorUnreachable(address: string, reason: string): AdapterError {
  return coded(
    'inspectorUnreachable',
    `No inspector answers at ${address} (${reason}). Start the program with --inspect and check the address.`,
  );
}

/** A process without the agent. */
export function noAgent(agent: string): AdapterError {
  return coded(
    'noAgent',
    `The program runs without the Async Lens agent. Start it with: node --inspect --require "${agent}" PROGRAM`,
  );
}

/** The agent could not be loaded into a running program. */
export function notInjected(reason: string): AdapterError {
  return coded('noAgent', `The Async Lens agent cannot be loaded into the program: ${reason}.`);
}

/** A running process that cannot be attached to by its number. */
export function cannotAttach(pid: number, reason: string): AdapterError {
  return coded('cannotAttach', `Cannot attach to process ${pid}: ${reason}.`);
}

/** A process that the editor started with the agent runs without it all the same. */
export function agentLost(): AdapterError {
  return coded(
    'noAgent',
    'The program runs without the Async Lens agent: the NODE_OPTIONS of its launch did not reach it, or the agent could not be loaded there.',
  );
}

/** The agent speaks another version of the protocol. */
export function versionMismatch(theirs: number): AdapterError {
  return coded(
    'versionMismatch',
    `The program was started by another version of Async Lens (protocol ${theirs}, here ${PROTOCOL_VERSION}). Start it again.`,
  );
}

/** Arguments of a request are not what the protocol says. */
export function badArguments(problem: string): AdapterError {
  return coded('badArguments', `${problem}.`);
}

/** The program could not be started or was gone before it said hello. */
export function launchFailed(reason: string): AdapterError {
  return coded('launchFailed', `The program could not be started: ${reason}.`);
}

/** There is no program yet. */
export function notConnected(): AdapterError {
  return coded('notConnected', 'No program is being watched yet. Send "launch" or "attach" first.');
}

/** Requests that belong to the JavaScript debugger. */
export function notSupported(what: string): AdapterError {
  return coded('notSupported', `Async Lens only watches the program: ${what} it with the JavaScript debugger.`);
}

/** The program's inspector does not give its heap. */
export function heapUnreadable(reason: string): AdapterError {
  return coded('heapUnreadable', `The heap of the program cannot be read: ${reason}.`);
}

/** The program is blocked, or a debugger holds it at that moment. */
export function noAnswer(): AdapterError {
  return coded(
    'noAnswer',
    'The program does not answer: something blocks its event loop, or a debugger has just paused it. Ask again when it goes on.',
  );
}

/** The same where it is known. */
export function blocked(): AdapterError {
  return coded(
    'noAnswer',
    'Something blocks the event loop of the program, so it cannot be searched for dead awaits. What blocks it is among the findings; ask again when it goes on.',
  );
}

/** The event loop does not turn while the program is to be joined: what runs, innermost first. */
export function blockedAt({ stack, starved }: { stack: readonly Frame[]; starved: boolean }): AdapterError {
  const lines = stack
    .slice(0, SHOWN_FRAMES)
    .map(({ file, line, function: name }) => `${name || '(anonymous)'} (${file}:${line})`);
  const by = lines.length === 0 ? 'code that was not seen' : lines.join(', called by ');
  return coded(
    'noAnswer',
    `The event loop of the program is ${starved ? 'starved by reactions of promises that run one after the other: it was in' : 'blocked by'} ${by}. Attach again when it goes on.`,
  );
}

const SHOWN_FRAMES = 5;

/** There is nothing left to ask. */
export function programEnded(): AdapterError {
  return coded('programEnded', 'The program has ended: what it left pending is told by the last state.');
}
