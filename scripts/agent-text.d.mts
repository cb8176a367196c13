/** Types of agent-text.mjs for tests. */

/** The text of the agent's bundle. */
export function agentText(): string;

/** The text of the gate, which runs `agent.cjs` beside it. */
export function gateText(): string;
