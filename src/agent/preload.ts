/** The agent's entry, loaded with `--require` into every process and worker thread: decides whether to run, and never harms the program. */
import { AGENT_SYMBOL } from '../protocol/agent.ts';

const MINIMUM_NODE = 20;

function load(): void {
  if (Object.hasOwn(globalThis, Symbol.for(AGENT_SYMBOL))) return;
  try {
    // Only now: the modules set things up as they load, and what fails in them must end here.
    const { start } = require('./start.ts') as typeof import('./start.ts');
    start();
  } catch {
    // `start` reports its own failures; without it there is nobody to report to, and the program must not notice.
  }
}

if (Number.parseInt(process.versions.node, 10) >= MINIMUM_NODE) load();
