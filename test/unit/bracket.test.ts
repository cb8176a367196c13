/** Calls that are seen from within keep their arguments and results, whatever interrupts them. */
import assert from 'node:assert/strict';
import { besideCalls, bracket, bracketCalls } from '../../src/agent/stacks/bracket.ts';

describe('a bracketed call', () => {
  const join = (first: string, second: string): string => first + second;
  const nothing = (text: string): void => void text;
  const other = bracket(nothing, { begin: () => true, end: () => {} });
  const wholeOther = bracketCalls(nothing, { begin: () => undefined, end: (result) => result });
  const interrupt = (): void =>
    besideCalls(() => {
      other('others');
      wholeOther('others');
    });

  it('that a request interrupts before it goes to the function has its own arguments', () => {
    const bracketed = bracket(join, { begin: () => true, enter: interrupt, end: () => {} });
    assert.deepEqual([bracketed('a', 'b'), bracketed('c', 'd')], ['ab', 'cd']);
  });

  it('that a request interrupts has the end of its own, also when the request makes the same call', () => {
    const ends: unknown[] = [];
    let isFirst = true;
    const bracketed = bracketCalls(join, {
      begin: (_receiver, [first]) => {
        if (isFirst) {
          isFirst = false;
          besideCalls(() => bracketed('x', 'y'));
        }
        return first;
      },
      end: (result, context) => {
        ends.push([context, result]);
        return result;
      },
    });
    assert.equal(bracketed('a', 'b'), 'ab');
    assert.deepEqual(ends, [
      ['x', 'xy'],
      ['a', 'ab'],
    ]);
  });

  it('that a request interrupts at its end has its own result', () => {
    const bracketed = bracket(join, { begin: () => true, end: interrupt });
    assert.deepEqual([bracketed('a', 'b'), bracketed('c', 'd')], ['ab', 'cd']);
  });
});
