/** The frames in the text of an error's stack. */
import assert from 'node:assert/strict';
import { framesOfText } from '../../src/agent/stacks/stack-text.ts';

/** "async? function file:line:column". */
function read(text: string): string[] {
  return framesOfText(text, 10).map((frame) =>
    [frame.isAsync ? 'async' : '', frame.function, `${frame.file}:${frame.line}:${frame.column}`]
      .filter((part) => part !== '')
      .join(' '),
  );
}

describe('the text of a stack', () => {
  const examples: [string, string[]][] = [
    ['    at load (/app/shop.cjs:3:25)', ['load /app/shop.cjs:3:25']],
    ['    at async Shop.load (file:///app/a%20b/shop.mjs:3:25)', ['async Shop.load file:///app/a%20b/shop.mjs:3:25']],
    ['    at /app/shop.cjs:1:2', ['/app/shop.cjs:1:2']],
    ['    at async file:///app/shop.mjs:1:2', ['async file:///app/shop.mjs:1:2']],
    ['    at new Shop (C:\\app\\shop.cjs:3:25)', ['Shop C:\\app\\shop.cjs:3:25']],
    ['    at load (C:\\app (old)\\shop.cjs:3:25)', ['load C:\\app (old)\\shop.cjs:3:25']],
    ['    at C:\\app (old)\\shop.cjs:3:25', ['C:\\app (old)\\shop.cjs:3:25']],
    ['    at load (\\\\server\\app\\shop.cjs:3:25)', ['load \\\\server\\app\\shop.cjs:3:25']],
    ['    at async load (/app (old)/shop.cjs:3:25)', ['async load /app (old)/shop.cjs:3:25']],
    ['    at Router.get [as GET (/orders)] (/app/shop.cjs:3:25)', ['Router.get /app/shop.cjs:3:25']],
    ['    at eval (eval at load (/app/shop.cjs:3:25), <anonymous>:1:1)', []],
    ['    at Object.<anonymous> (/app/shop.cjs:9:1)', ['/app/shop.cjs:9:1']],
    ['    at Timeout.run [as _onTimeout] (/app/shop.cjs:9:1)', ['run /app/shop.cjs:9:1']],
    ['    at Timeout._onTimeout (/app/shop.cjs:9:1)', ['/app/shop.cjs:9:1']],
    ['    at Server.<anonymous> (/app/shop.cjs:9:1)', ['/app/shop.cjs:9:1']],
    ['    at Shop.load [as run] (/app/shop.cjs:9:1)', ['Shop.load /app/shop.cjs:9:1']],
    ['    at listOnTimeout (node:internal/timers:581:17)', ['listOnTimeout node:internal/timers:581:17']],
    ['    at async Promise.all (index 0)', []],
    ['    at Array.map (<anonymous>)', []],
    ['TypeError: no\nway (/app/x.js:1:1)', []],
  ];
  for (const [text, expected] of examples) it(text.trim(), () => assert.deepEqual(read(text), expected));
});
