/** Turns a command for a shell into a program and its arguments, where no shell is needed. Pure. */
import { endOf, startOf } from './syntax.ts';
import type { BlockingSite } from './blocking.ts';
import type { Edit } from './syntax.ts';

/** Words that mean the same to every shell and without one. */
const PLAIN = /^[\w./:@=+,-]+(?: [\w./:@=+,-]+)*$/;

/** The edit for the first argument of `execSync`; undefined where a shell may do something. */
export function withoutShell({ module, name, call }: BlockingSite): Edit | undefined {
  const [command] = call.node.arguments;
  if (module !== 'child_process' || name !== 'execSync' || command?.type !== 'StringLiteral') return undefined;
  if (!PLAIN.test(command.value) || call.node.arguments.length > 2) return undefined;
  const [program, ...args] = command.value.split(' ').map((word) => `'${word}'`);
  return { start: startOf(command), end: endOf(command), text: `${program ?? ''}, [${args.join(', ')}]` };
}
