/** Learns the source maps of what the program compiles through `node:vm` (script-maps.ts). */
import vm from 'node:vm';
import { guarded } from '../faults.ts';
import { flatCopy } from '../flat-copy.ts';
import { bracketCalls } from '../stacks/bracket.ts';
import { keepScriptMap } from '../stacks/script-maps.ts';

type Construct = (target: object, args: unknown[], newTarget: unknown) => unknown;
type Compile = typeof vm.compileFunction;

/** Puts itself behind what compiles for the program; afterwards importers of ES modules need `syncBuiltinESMExports`. */
export function keepScriptMaps(): void {
  followScripts();
  followFunctions();
}

/**
 * Stands between `vm.Script` and the class of Node's that it extends (Node 20 to 26), for a constructor looks its parent up at each call. That class gets
 * the source text and the name of the file; what it has made knows the address of its source map.
 */
function followScripts(): void {
  const parent: unknown = Object.getPrototypeOf(vm.Script);
  if (typeof parent !== 'function' || parent === Function.prototype) return;
  const construct = bracketCalls<Construct, unknown>(Reflect.construct as Construct, {
    begin: (_, args) => (args[1] as unknown[])[1],
    end: (script, file) => {
      guarded('source map of a script', () => keepScriptMap(file, (script as vm.Script).sourceMapURL), undefined);
      return script;
    },
  });
  const handler: ProxyHandler<object> = { construct: construct as NonNullable<ProxyHandler<object>['construct']> };
  Object.setPrototypeOf(vm.Script, new Proxy(parent, handler));
}

/** Of a function the map must be looked for in the text. */
function followFunctions(): void {
  const descriptor = Object.getOwnPropertyDescriptor(vm, 'compileFunction');
  if (descriptor?.configurable !== true) return;
  const hooks = {
    begin: (_: unknown, args: unknown[]) => {
      guarded('source map of a function', () => keepOf(args), undefined);
    },
    end: (compiled: unknown) => compiled,
  };
  const value = bracketCalls(descriptor.value as Compile, hooks, false);
  Object.defineProperty(vm, 'compileFunction', { ...descriptor, value });
}

function keepOf([code, , options]: unknown[]): void {
  if (typeof options !== 'object' || options === null) return;
  // A getter of the program's is not called once more.
  const file: unknown = Object.getOwnPropertyDescriptor(options, 'filename')?.value;
  if (typeof code === 'string' && typeof file === 'string') keepScriptMap(file, mapIn(code));
}

const COMMENT = '//# sourceMappingURL=';
/** The comment stands in the last line, but for what has been put around the code. */
const LAST_LINES = 3;
/** Longer text is a bundle, and to look for its lines takes milliseconds. Characters. */
const MAX_CODE = 4_000_000;

function mapIn(code: string): string | undefined {
  if (code.length > MAX_CODE) return undefined;
  let end = code.length;
  for (let line = 0; line < LAST_LINES && end > 0; line++) {
    const start = code.lastIndexOf('\n', end - 1) + 1;
    if (code.startsWith(COMMENT, start)) return flatCopy(code.slice(start + COMMENT.length, end));
    end = start - 1;
  }
  return undefined;
}
