/** Finds the calls in a file that block the event loop, by the names of Node's functions and without running anything. Pure. */
import type { CallExpression } from '@babel/types';
import { calledBy } from './handlers.ts';
import { child, memberOf } from './scopes.ts';
import { endOf, isPath, startOf } from './syntax.ts';
import type { Path, Source } from './syntax.ts';

/** A call that blocks. */
export interface BlockingSite {
  /** As the agent names it: `fs.readFileSync`. */
  api: string;
  module: string;
  name: string;
  call: Path<CallExpression>;
  /** Offsets of what is called. */
  start: number;
  end: number;
  /** Why it matters here: "in an async function", "in a request handler"; undefined where it may be start-up. */
  where?: string;
}

/** Of these modules the functions named so block for long. */
const BLOCKING: Record<string, RegExp> = {
  fs: /Sync$/,
  child_process: /^(?:exec|execFile|spawn)Sync$/,
  crypto: /^(?:pbkdf2|scrypt|generateKeyPair|generatePrime|checkPrime)Sync$/,
  zlib: /Sync$/,
  Atomics: /^wait$/,
};

/** All blocking calls, in the order of the text. */
export function blockingSites(source: Source): BlockingSite[] {
  return source.paths.flatMap((path): BlockingSite[] => {
    if (!isPath(path, 'CallExpression')) return [];
    const callee = child(path, 'callee');
    const member = memberOf(source, callee);
    const [name, ...rest] = member?.names ?? [];
    if (!member || name === undefined || rest.length > 0 || !BLOCKING[member.module]?.test(name)) return [];
    const where = calledBy(source, path);
    const { module } = member;
    return [
      {
        api: `${module}.${name}`,
        module,
        name,
        call: path,
        start: startOf(callee.node),
        end: endOf(callee.node),
        ...(where === undefined ? {} : { where }),
      },
    ];
  });
}
