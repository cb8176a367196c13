/** Tells the program's own frames from those of Node and of installed packages. */
import type { Frame } from '../protocol/agent.ts';

/** Whether the frame belongs to Node, to V8 or to a package. */
export function isForeign(frame: Frame): boolean {
  return /^node:|^<anonymous>$|[\\/]node_modules[\\/]/.test(frame.file);
}
