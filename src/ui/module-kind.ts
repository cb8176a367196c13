/** Finds out what a TypeScript file becomes when it is compiled, by the nearest tsconfig.json and package.json: only a guess, for what a fix writes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Whether it becomes a CommonJS module; no where nothing says so. `text`: that of the file. */
export function becomesCommonJs(file: string, text: string): boolean {
  if (/\.cts$/i.test(file)) return true;
  if (!/\.tsx?$/i.test(file)) return false;
  const configuration = nearest(file, 'tsconfig.json');
  // Without a configuration the file is run as it is, and Node goes by what is written in it.
  if (!configuration) return false;
  const { module, target } = optionsOf(configuration);
  if (module !== undefined && !/^node/i.test(module)) return /^(?:commonjs|amd|umd|system)$/i.test(module);
  // What TypeScript up to 5.9 takes without a word of the module.
  if (module === undefined && target !== undefined) return /^es[35]$/i.test(target);
  if (module === undefined && /\bimport\.meta\b/.test(text)) return false;
  return !/"type"\s*:\s*"module"/.test(nearest(file, 'package.json')?.text ?? '');
}

interface Found {
  path: string;
  text: string;
}

/** With those of a configuration beside it that it extends. */
function optionsOf({ path: from, text }: Found): { module?: string | undefined; target?: string | undefined } {
  const base = valueOf(text, 'extends');
  const inherited = base?.startsWith('.') ? textOf(path.resolve(path.dirname(from), base)) : '';
  return {
    module: valueOf(text, 'module') ?? valueOf(inherited, 'module'),
    target: valueOf(text, 'target') ?? valueOf(inherited, 'target'),
  };
}

function valueOf(text: string, option: string): string | undefined {
  return new RegExp(`"${option}"\\s*:\\s*"([^"]+)"`).exec(text)?.[1];
}

/** Of a configuration, which may be named without its ending; empty when there is none. */
function textOf(configuration: string): string {
  for (const name of [configuration, `${configuration}.json`]) {
    try {
      return readFileSync(name, 'utf8');
    } catch {
      // it has the other name, or there is none
    }
  }
  return '';
}

/** The file of that name in the folder of a file or nearest above it. */
function nearest(file: string, name: string): Found | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      const found = path.join(folder, name);
      return { path: found, text: readFileSync(found, 'utf8') };
    } catch {
      if (folder === path.dirname(folder)) return undefined; // there is none
    }
  }
}
