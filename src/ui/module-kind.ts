/** Finds out what a TypeScript file becomes when it is compiled, by the nearest tsconfig.json and package.json: only a guess, for what a fix writes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Whether it becomes a CommonJS module; no where nothing says so. */
export function becomesCommonJs(file: string): boolean {
  if (/\.cts$/i.test(file)) return true;
  if (!/\.tsx?$/i.test(file)) return false;
  const options = nearest(file, 'tsconfig.json');
  const [, module] = /"module"\s*:\s*"(\w+)"/.exec(options ?? '') ?? [];
  if (module !== undefined && !/^node/i.test(module)) return /^(?:commonjs|amd|umd|system)$/i.test(module);
  // Without a configuration the file is run as it is, and Node goes by what is written in it.
  return options !== undefined && !/"type"\s*:\s*"module"/.test(nearest(file, 'package.json') ?? '');
}

/** Text of the file of that name in the folder of a file or nearest above it. */
function nearest(file: string, name: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return readFileSync(path.join(folder, name), 'utf8');
    } catch {
      if (folder === path.dirname(folder)) return undefined; // there is none
    }
  }
}
