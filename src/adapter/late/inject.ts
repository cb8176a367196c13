/** Loads the agent into a program that runs without it, through the inspector. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LATE_SYMBOL } from '../../protocol/late.ts';
import { AGENT } from '../asking.ts';
import { asJson, type Cdp } from '../cdp.ts';
import { nodeTooOld, notInjected, OLDEST_NODE } from '../errors.ts';
import { BUSY, evaluate, whenFree } from './evaluate.ts';
import { withStack } from './own-stack.ts';

/** `watched`: an agent records what happens, since the program's start or for somebody else. `loaded`: there is one that only answers. */
export type Injected = 'watched' | 'loaded';

const late = `Symbol.for(${JSON.stringify(LATE_SYMBOL)})`;

/** The program's own `require` is not there for ES modules; `process.getBuiltinModule` is there from Node 20.16 and 22.3 on. */
const MODULES = `(process.getBuiltinModule?.('module') ?? (typeof require === 'function' ? require('module') : process.mainModule?.require('module')))`;

/** The agent that is there; undefined: none. Rejects with `nodeTooOld`. */
export async function agentIn(cdp: Cdp): Promise<Injected | undefined> {
  const { version, there } = asJson(
    await evaluate(
      cdp,
      `({ version: process.version, there: ${AGENT} === undefined ? '' : ${AGENT}.isRecording?.() === false ? 'loaded' : 'watched' })`,
    ),
  );
  if (there === 'watched' || there === 'loaded') return there;
  if (Number.parseInt(String(version).slice(1), 10) < OLDEST_NODE) throw nodeTooOld(String(version));
  return undefined;
}

/**
 * Loads it where there is none; rejects with `noAgent`, or with `noAnswer` when code of the program runs for `patienceMs`: within a regular expression others
 * crash V8 11 and 12. Nothing of the program's changes until the agent is told to record.
 */
export async function inject(cdp: Cdp, agentFile: string, patienceMs?: number): Promise<void> {
  // The command line's `require` only where nothing else is there: a program that is at its end may crash by it (Node 20).
  const includeCommandLineAPI = (await evaluate(cdp, 'typeof process.getBuiltinModule')) === 'undefined';
  const options = { patienceMs, more: { includeCommandLineAPI } };
  const file = JSON.stringify(agentFile);
  const loaded = await whenFree(cdp, load(`${MODULES}.createRequire(${file})(${file})`), options);
  if (loaded === LOADED) return;
  // The program is in a container or on another machine: its files are others.
  const text = JSON.stringify(textOf(agentFile));
  const compile = `const { Module } = ${MODULES}; const own = new Module(${file}); own.filename = ${file}; own._compile(${text}, ${file})`;
  const sent = await whenFree(cdp, load(compile), options);
  if (sent !== LOADED) throw notInjected(String(sent ?? loaded));
}

const LOADED = 'loaded';

/** Without the gate, which is a file that loads this one. */
function textOf(agentFile: string): string {
  try {
    return readFileSync(join(dirname(agentFile), 'agent.cjs'), 'utf8');
  } catch {
    return readFileSync(agentFile, 'utf8'); // all in one file
  }
}

/** With nothing else on the stack: this function, the one that loads, and the script around them; text has a line more. */
const IS_BUSY = withStack(10, `return (typeof sites === 'string' ? sites.split('\\n').length - 1 : sites.length) > 3;`);

function load(statement: string): string {
  return `(() => { try { if (${IS_BUSY}) return '${BUSY}'; globalThis[${late}] = true; ${statement}; return ${AGENT} === undefined ? 'it did not start' : '${LOADED}'; } catch (error) { return String(error?.message); } finally { delete globalThis[${late}]; } })()`;
}
