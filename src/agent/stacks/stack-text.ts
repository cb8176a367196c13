/** Reads the stack of an error, as V8 has written it. */
import type { Frame } from '../../protocol/agent.ts';

/** A frame, and whether it awaited the one before. */
export type TextFrame = Frame & { isAsync?: true };

/** "    at async Shop.load (file:///app/shop.mjs:3:25)", "    at /app/shop.cjs:1:2" (V8, Node 20 to 26). */
const FRAME =
  /^ +at (async )?(?:(.*?) \()?((?:file:\/\/|node:|[A-Za-z]:[\\/]|\\\\|\/|<)(?:(?!\), |\)\] \().)*?):(\d+):(\d+)\)?$/;

/** The frames in the text, innermost first, at most `limit`; those without a position are left out. */
export function framesOfText(text: string, limit: number): TextFrame[] {
  const frames: TextFrame[] = [];
  for (const line of text.split('\n')) {
    const [, isAsync, name = '', file, row, column] = FRAME.exec(line) ?? [];
    if (file === undefined || frames.length >= limit) continue;
    const where = name.replace(/^new /, '').replace(/ \[as [^\]]*\]$/, '');
    frames.push({
      file,
      line: Number(row),
      column: Number(column),
      function: where
        .replace(/^(?:Object|Function|Timeout|Immediate)\.(?=.)/, '')
        .replace(/^(?:.*\.)?<anonymous>$|^_onTimeout$|^_onImmediate$/, ''),
      ...(isAsync === undefined ? {} : { isAsync: true }),
    });
  }
  return frames;
}
