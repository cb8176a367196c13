/** Types of agent-text.mjs for tests. */

/** The text of the agent's bundle. */
export function agentText(): string;
