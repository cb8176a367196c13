/** Tells processes that only start another one that does the work: the agent and the model must mean the same ones. */

const LAUNCHERS: ReadonlySet<string> = new Set(
  ['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'corepack', 'tsx'].flatMap((name) => [
    name,
    `${name}.js`,
    `${name}.cjs`,
    `${name}-cli.js`,
  ]),
);

const LAUNCHER_PATH = /[\\/]node_modules[\\/]tsx[\\/]dist[\\/]cli\.[cm]?js$/;

/** Whether a process with this `process.argv` is npm, npx, tsx or their like. */
export function isLauncher(argv: readonly string[]): boolean {
  const script = argv[1] ?? '';
  const name = script.split(/[\\/]/).at(-1) ?? '';
  return LAUNCHERS.has(name) || LAUNCHER_PATH.test(script);
}
