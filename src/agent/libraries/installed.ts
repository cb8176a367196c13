/** Tells which of the known packages the program can find: without any of them nothing is hooked. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { workingFolder } from '../identity.ts';

/** Folders in which Node looks for packages from the script and from the working directory on. */
function moduleFolders(): string[] {
  const script = process.argv[1];
  const working = workingFolder();
  const starts = working === '' ? [] : [working];
  if (script !== undefined) {
    starts.push(path.dirname(script));
    try {
      starts.push(path.dirname(realpathSync(script)));
    } catch {
      // `node --eval` with arguments: there is no such file.
    }
  }
  const folders = new Set<string>();
  for (let start of starts) {
    for (let above = path.dirname(start); ; above = path.dirname(start)) {
      folders.add(path.join(start, 'node_modules'));
      if (above === start) break;
      start = above;
    }
  }
  return [...folders].filter((folder) => existsSync(folder));
}

/** pnpm keeps packages that only other packages need in a folder of its own, as `name@version`. */
function inStore(folder: string, names: readonly string[]): string[] {
  const store = path.join(folder, '.pnpm');
  if (!existsSync(store)) return [];
  const entries = readdirSync(store);
  return names.filter((name) => entries.some((entry) => entry.startsWith(`${name.replace('/', '+')}@`)));
}

/** Of `names` those that are there, and of these the ones that an `import` may find as an ES module. About 0.1 ms. */
export function installedPackages(names: readonly string[]): { all: Set<string>; modules: Set<string> } {
  const all = new Set<string>();
  const modules = new Set<string>();
  for (const folder of moduleFolders()) {
    for (const name of inStore(folder, names)) {
      all.add(name);
      modules.add(name);
    }
    for (const name of names) {
      const description = path.join(folder, name, 'package.json');
      if (!existsSync(description)) continue;
      all.add(name);
      if (/"type"\s*:\s*"module"|"import"\s*:/.test(readFileSync(description, 'utf8'))) modules.add(name);
    }
  }
  return { all, modules };
}
