/** The file that `--require` names: lets the agent in only where it can run. It parses on any Node, however old; the agent itself would be a syntax error there. */
const OLDEST = 20;

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  try {
    module.exports = require('./agent.cjs') as unknown;
  } catch {
    // Half an installation: the editor and the command line say so; the program must not notice.
  }
}
