/** Puts the agent into NODE_OPTIONS: first, so that it sees everything, and beside whatever is there already. Pure. */

/** The name under which `env`, an object of its own, holds that variable: Windows does not tell capitals from small letters. */
export function variableKey(env: object, name: string, platform: string): string {
  if (platform !== 'win32' || name in env) return name;
  return Object.keys(env).find((key) => key.toUpperCase() === name.toUpperCase()) ?? name;
}

/** `NODE_OPTIONS` that preload the agent, with the options that were there kept; the path may hold spaces, quotes and backslashes. */
export function withAgent(agentFile: string, options: string | undefined): string {
  const preload = `--require "${agentFile.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
  const kept = options?.trim() ?? '';
  return kept === '' ? preload : `${preload} ${kept}`;
}
