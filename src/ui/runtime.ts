/** Tells from a launch configuration whether Node runs the program. Pure. */

const OTHER_RUNTIMES: Record<string, string> = {
  bun: 'Bun',
  bunx: 'Bun',
  deno: 'Deno',
  electron: 'Electron',
  'electron-forge': 'Electron',
  nw: 'NW.js',
  chrome: 'Chrome',
  'google-chrome': 'Chrome',
  chromium: 'Chromium',
  'chromium-browser': 'Chromium',
  msedge: 'Edge',
  'microsoft-edge': 'Edge',
  code: 'VS Code',
  'code-insiders': 'VS Code',
};

/** Name of the runtime that is not Node, or undefined. Package managers and loaders (npm, tsx...) count as Node: it runs them. */
export function otherRuntime(runtimeExecutable: unknown): string | undefined {
  if (typeof runtimeExecutable !== 'string') return undefined;
  const base = runtimeExecutable.split(/[\\/]/).at(-1) ?? '';
  return OTHER_RUNTIMES[base.toLowerCase().replace(/\.(exe|cmd|ps1|bat|sh)$/, '')];
}
