/** The file that `--require` names: lets the agent in only where it can run, and once. It parses on any Node, however old; the agent itself would be a syntax error there. */
import { AGENT_SYMBOL } from '../protocol/agent.ts';
import { runAgent } from './code-cache.ts';

const OLDEST = 20;

const isThere = (): boolean => Object.prototype.hasOwnProperty.call(globalThis, Symbol.for(AGENT_SYMBOL));

if (Number.parseInt(process.versions.node, 10) >= OLDEST && !isThere()) {
  try {
    // Under the permission model code can't be kept; to try would be told of as a denied access.
    if ('permission' in process) module.exports = require('./agent.cjs') as unknown;
    // With the separators of the system, as the inspector's names of it have them.
    else runAgent(__filename.replace(/[^/\\]*$/, 'agent.cjs'), require);
  } catch {
    // Half an installation, or what fails while the agent's modules set things up: the program must not notice.
  }
}
