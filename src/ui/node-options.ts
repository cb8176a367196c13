/** Reads what an environment or an `.env` file says about `NODE_OPTIONS`. Pure. */

/** An environment as a launch configuration has it; `null` removes a variable. */
export type Environment = Record<string, string | null | undefined>;

/** Value of one variable in the text of an `.env` file, or undefined; quotes around it are taken off. The last one counts. */
export function variableOf(envFile: string, name: string): string | undefined {
  let value: string | undefined;
  for (const line of envFile.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== name) continue;
    const raw = match[2] ?? '';
    value = /^(["']).*\1$/.test(raw) ? raw.slice(1, -1) : raw;
  }
  return value;
}
