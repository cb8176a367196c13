/** The file that `--require` names: lets the agent in only where it can run, and once. It parses on any Node, however old; the agent itself would be a syntax error there. */
import { AGENT_SYMBOL } from '../protocol/agent.ts';

const OLDEST = 20;

const isThere = (): boolean => Object.prototype.hasOwnProperty.call(globalThis, Symbol.for(AGENT_SYMBOL));

if (Number.parseInt(process.versions.node, 10) >= OLDEST && !isThere()) {
  try {
    module.exports = require('./agent.cjs') as unknown;
  } catch {
    // Half an installation, or what fails while the agent's modules set things up: the program must not notice.
  }
}
