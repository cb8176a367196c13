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

/** Options of Node's with which it starts the program in a process of its own: the test runner (20 to 26) and the watch mode. */
const LAUNCHING = /^--(?:test|watch|watch-path(?:=.*)?)$/;
/** With it the test runner works in its own process (from 22.8 on, `experimental-` until 23). */
const IN_PROCESS = /^--(?:experimental-)?test-isolation=none$/;

/** Whether a process with this `process.argv` and `process.execArgv` is npm, npx, tsx, `node --test`, `node --watch` or their like. */
export function isLauncher(argv: readonly string[], execArgv: readonly string[] = []): boolean {
  const script = argv[1] ?? '';
  const name = script.split(/[\\/]/).at(-1) ?? '';
  if (LAUNCHERS.has(name) || LAUNCHER_PATH.test(script)) return true;
  return execArgv.some((option) => LAUNCHING.test(option)) && !execArgv.some((option) => IN_PROCESS.test(option));
}
