/** Finds how a program calls the locks of packages, from the lines that wait for them. */
import type { Location } from '../../protocol/report.ts';
import { lockTextOf } from '../source/lock-calls.ts';
import type { Sources } from '../sources.ts';

/** By the id of a lock, from a line that waits for it: `accounts` of `await accounts.runExclusive(...)`. Undefined unless all have a name, each its own. */
export function namesInCode(
  lines: ReadonlyMap<number, Location | undefined>,
  sources: Sources,
): ReadonlyMap<number, string> | undefined {
  const names = new Map<number, string>();
  for (const [id, location] of lines) {
    const text = location === undefined ? undefined : sources.textOf?.(location.file);
    const call = text === undefined ? undefined : lockTextOf(text).callAt(location?.line ?? 0);
    const [, name] = /^([\w$#.]+)\.[\w$#]+\(|^[\w$#]+\(/.exec(call?.text ?? '') ?? [];
    const own = name ?? call?.name;
    if (own === undefined) return undefined;
    names.set(id, own);
  }
  return new Set(names.values()).size === names.size ? names : undefined;
}
