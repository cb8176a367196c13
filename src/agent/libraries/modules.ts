/** Notices known packages as the program loads them, before it can use them. */
import module from 'node:module';
import * as threads from 'node:worker_threads';
import { AGENT_SYMBOL } from '../../protocol/agent.ts';
import { bracketWorks } from '../stacks/bracket.ts';
import { guarded } from '../faults.ts';
import { textField } from './fields.ts';
import { installedPackages } from './installed.ts';
import { patch } from './patch.ts';
import { commonFile, MODULE_PACKAGES, moduleFile, PACKAGES } from './packages.ts';

/** Every loader of CommonJS ends here, also those that transform code first. */
function watchCommon(): void {
  patch(module.prototype as object, '_compile', {
    begin: () => {},
    end: (_result, _context, compiled) => loadedCommon(compiled),
  });
}

function loadedCommon(compiled: object): void {
  const file = textField(compiled, 'filename');
  if (file !== undefined) commonFile(file)?.watch(compiled);
}

/** Synchronous hooks, in this thread (Node 22.15 and later). */
interface HooksApi {
  registerHooks?(hooks: {
    load(url: string, context: unknown, next: (url: string, context: unknown) => Loaded): Loaded;
  }): void;
}

interface Loaded {
  format?: string;
  source?: unknown;
}

/**
 * An ES module's names cannot be reached from outside before those who import it run: a line at the end of its source hands them over. No line and no
 * column of the module itself changes.
 */
function withLastLine(url: string, loaded: Loaded): Loaded {
  const known = moduleFile(url);
  if (known?.names === undefined || loaded.format !== 'module') return loaded;
  const { source } = loaded;
  const text =
    typeof source === 'string' ? source : source instanceof Uint8Array ? new TextDecoder().decode(source) : '';
  const { names, replaced } = known;
  if (!names.every((name) => new RegExp(`^(?:export (?:default )?)?(?:class|function) ${name}\\b`, 'm').test(text)))
    return loaded;
  const replace = replaced === undefined ? '' : `, replace(value) { ${replaced} = value; }`;
  const line = `globalThis[Symbol.for('${AGENT_SYMBOL}')]?.loaded?.(import.meta.url, { ${names.join(', ')}${replace} });`;
  return { ...loaded, source: `${text}\n${line}\n` };
}

/**
 * The thread in which Node runs the hooks of `module.register` (known from Node 22.14 on): with synchronous hooks there, Node 22 can load nothing any more and ends the
 * program (`loadSync is not a function`, seen on 22.23).
 */
const isHooksThread = (): boolean => 'isInternalThread' in threads && threads.isInternalThread === true;

function watchModules(): void {
  if (isHooksThread()) return;
  const { registerHooks } = module as HooksApi;
  registerHooks?.({
    load(url, context, next) {
      const loaded = next(url, context);
      return guarded('library', () => withLastLine(url, loaded), loaded);
    },
  });
}

/** What the last line of a known ES module calls. Never throws. */
export function loadedModule(url: string, members: object): void {
  guarded('library', () => moduleFile(url)?.watch(members), undefined);
}

/** Starts watching for those packages that are installed; a failure leaves the rest of the agent as it is. */
export function startLibraries(): void {
  guarded('libraries', watch, undefined);
}

function watch(): void {
  const { all, modules } = installedPackages(PACKAGES);
  if (all.size === 0 || !bracketWorks()) return;
  watchCommon();
  if (MODULE_PACKAGES.some((name) => modules.has(name))) watchModules();
}
