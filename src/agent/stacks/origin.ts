/** Tells the program's own frames from those of Node and of installed packages. */
import type { Frame } from '../../protocol/agent.ts';

/*
 * No regular expressions here, nor in anything else that answers a request: while the program is in the middle of one, another crashes V8 11 and 12 (Node
 * 20 and 22, seen as SIGSEGV within a second).
 */

/** Whether the frame belongs to Node or V8. */
export function isNodes({ file }: Frame): boolean {
  return file.startsWith('node:') || file === '<anonymous>';
}

/** Whether the file belongs to an installed package. */
export function isPackages(file: string): boolean {
  return file.includes('/node_modules/') || file.includes('\\node_modules\\');
}

/** Whether the frame belongs to Node, to V8 or to a package. */
export function isForeign(frame: Frame): boolean {
  return isNodes(frame) || isPackages(frame.file);
}
