/** Puts the agent into NODE_OPTIONS: first, so that it sees everything, and beside whatever is there already. */

/** `NODE_OPTIONS` that preload the agent, with the options that were there kept; the path may hold spaces, quotes and backslashes. */
export function withAgent(agentFile: string, options: string | undefined): string {
  const preload = `--require "${agentFile.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
  const kept = options?.trim() ?? '';
  return kept === '' ? preload : `${preload} ${kept}`;
}
