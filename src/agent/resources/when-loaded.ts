/** Tells of Node's own modules when somebody loads them, so that none is loaded for our sake: `crypto` alone takes 10 ms. */
import { syncBuiltinESMExports } from 'node:module';
import { guarded } from '../faults.ts';
import { ownWork } from '../own-time.ts';

/*
 * Node adds an entry to `process.moduleLoadList` when a module of its own has been loaded and before anybody gets it, whoever asks: `require`, `import`, or
 * another module (lib/internal/bootstrap/realm.js, Node 20 to 26). Adding sets an index that the array does not have; so a setter for that index on the
 * array's prototype runs right then. The list stays an array with the same entries.
 */
const PREFIX = 'NativeModule ';

/** Whether what the module exports was replaced, not only what is inside of its classes. */
type Use = () => boolean;

const waiting = new Map<string, Use[]>();
const { moduleLoadList: list } = process as unknown as { moduleLoadList?: string[] };
let trap: object | undefined;

function setNext(index: number): void {
  if (trap === undefined || list === undefined) return;
  Object.defineProperty(trap, index, {
    configurable: true,
    set(value: string) {
      Reflect.deleteProperty(trap ?? {}, index);
      Object.defineProperty(list, index, { value, writable: true, enumerable: true, configurable: true });
      setNext(index + 1);
      guarded('module', () => loaded(value), undefined);
      // What was loaded meanwhile is cut off when Node sets the length; the next entry comes here.
      if (list.length > index + 1) {
        Reflect.deleteProperty(trap ?? {}, list.length);
        list.length = index + 1;
        setNext(index + 1);
      }
    },
  });
}

function loaded(entry: string): void {
  if (!entry.startsWith(PREFIX)) return;
  const name = entry.slice(PREFIX.length);
  onEvery?.(name);
  const uses = waiting.get(name);
  if (uses === undefined) return;
  waiting.delete(name);
  ownWork(() => {
    // Whoever imports it finds what was put there. Node may be in the middle of a getter of another module that this would run again, which V8 does not survive.
    if (uses.map((use) => guarded(name, use, false)).includes(true)) syncBuiltinESMExports();
  });
}

let onEvery: ((name: string) => void) | undefined;

/** `handler` hears of each of Node's modules that is loaded from now on, in the middle of whatever loads it. */
export function onModuleLoaded(handler: (name: string) => void): void {
  onEvery = handler;
  if (isKept()) watch();
}

function watch(): void {
  if (trap !== undefined || list === undefined) return;
  trap = Object.create(Array.prototype) as object;
  setNext(list.length);
  Object.setPrototypeOf(list, trap);
}

/** Whether the list is as described. */
const isKept = (): boolean => Array.isArray(list) && list.includes(`${PREFIX}diagnostics_channel`);

/**
 * Calls `use` with what the module exports, without `node:` in its name: at once if it is loaded, else right after that. `exported`: how to get at it, for one of
 * Node's inner modules. `replaces`: `use` replaces functions that are exported.
 */
export function whenLoaded<T>(
  name: string,
  use: (exported: T) => void,
  exported = (): T => require(`node:${name}`) as T,
  replaces = true,
): void {
  const useNow = (): boolean => {
    use(exported());
    return replaces;
  };
  if (!isKept() || list?.includes(PREFIX + name) === true) {
    guarded(name, useNow, false);
    return;
  }
  const uses = waiting.get(name);
  if (uses === undefined) waiting.set(name, [useNow]);
  else uses.push(useNow);
  watch();
}
