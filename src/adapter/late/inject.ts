/** Loads the agent into a program that runs without it, through the inspector. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AGENT_SYMBOL } from '../../protocol/agent.ts';
import { LATE_SYMBOL } from '../../protocol/late.ts';
import { asJson, type Cdp, type Json } from '../cdp.ts';
import { noAnswer, nodeTooOld, notInjected, OLDEST_NODE } from '../errors.ts';

/** `watched`: an agent records what happens, since the program's start or for somebody else. `loaded`: there is one that only answers. */
export type Injected = 'watched' | 'loaded';

const agent = `globalThis[Symbol.for(${JSON.stringify(AGENT_SYMBOL)})]`;
const late = `Symbol.for(${JSON.stringify(LATE_SYMBOL)})`;

/** The program's own `require` is not there for ES modules; `process.getBuiltinModule` is there from Node 20.16 and 22.3 on. */
const MODULES = `(process.getBuiltinModule?.('module') ?? (typeof require === 'function' ? require('module') : process.mainModule?.require('module')))`;

/** How often code of the program may be running when it is to be loaded, and how long until the next attempt. Milliseconds. */
const RETRY_MS = 10;

/**
 * Loads it if there is none; rejects with `nodeTooOld` or `noAgent`, for `patienceMs` not because code of the program runs: within a regular expression others
 * crash V8 11 and 12. Nothing of the program's changes until the agent is told to record.
 */
export async function inject(cdp: Cdp, agentFile: string, patienceMs = PATIENCE_MS): Promise<Injected> {
  const { version, there } = asJson(
    await evaluate(
      cdp,
      `({ version: process.version, there: ${agent} === undefined ? '' : ${agent}.isRecording?.() === false ? 'loaded' : 'watched' })`,
    ),
  );
  if (there === 'watched' || there === 'loaded') return there;
  if (Number.parseInt(String(version).slice(1), 10) < OLDEST_NODE) throw nodeTooOld(String(version));
  const file = JSON.stringify(agentFile);
  let loaded: unknown;
  for (const endMs = performance.now() + patienceMs; ;) {
    loaded = await evaluate(cdp, load(`${MODULES}.createRequire(${file})(${file})`));
    if (loaded === 'loaded') return 'loaded';
    if (loaded !== BUSY) break;
    if (performance.now() >= endMs) throw noAnswer();
    await delay(RETRY_MS);
  }
  // The program is in a container or on another machine: its files are others.
  const text = JSON.stringify(textOf(agentFile));
  const sent = await evaluate(
    cdp,
    load(
      `const { Module } = ${MODULES}; const own = new Module(${file}); own.filename = ${file}; own._compile(${text}, ${file})`,
    ),
  );
  if (sent !== 'loaded') throw notInjected(String(sent ?? loaded));
  return 'loaded';
}

/** Without the gate, which is a file that loads this one. */
function textOf(agentFile: string): string {
  try {
    return readFileSync(join(dirname(agentFile), 'agent.cjs'), 'utf8');
  } catch {
    return readFileSync(agentFile, 'utf8'); // all in one file
  }
}

const BUSY = 'busy';
const PATIENCE_MS = 5000;

/** With nothing else on the stack: this function and the script around it. */
const IS_BUSY = `(() => {
  const own = (key) => Object.getOwnPropertyDescriptor(Error, key);
  const [limit, format] = [own('stackTraceLimit'), own('prepareStackTrace')];
  const restore = (key, value) => value === undefined ? delete Error[key] : Object.defineProperty(Error, key, value);
  try {
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, configurable: true, writable: true });
    Object.defineProperty(Error, 'prepareStackTrace', { value: (_, sites) => sites.length, configurable: true, writable: true });
    return new Error().stack > 3;
  } finally {
    restore('stackTraceLimit', limit);
    restore('prepareStackTrace', format);
  }
})()`;

function load(statement: string): string {
  return `(() => { try { if (${IS_BUSY}) return ${JSON.stringify(BUSY)}; globalThis[${late}] = true; ${statement}; return ${agent} === undefined ? 'it did not start' : 'loaded'; } catch (error) { return String(error?.message); } finally { delete globalThis[${late}]; } })()`;
}

async function evaluate(cdp: Cdp, expression: string): Promise<unknown> {
  const params = { expression, includeCommandLineAPI: true, returnByValue: true, silent: true, disableBreaks: true };
  const { result } = await cdp.send('Runtime.evaluate', params);
  return (result as Json | undefined)?.['value'];
}
