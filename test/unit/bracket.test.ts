/** Calls that are seen from within keep their arguments and results, whatever interrupts them: a debugger's evaluation, a request. */
import assert from 'node:assert/strict';
import { bracket, bracketCalls } from '../../src/agent/stacks/bracket.ts';

const replace = (holder: object, key: string, value: unknown): boolean => Reflect.set(holder, key, value);

describe('a bracketed call', () => {
  const join = (first: string, second: string): string => first + second;
  const nothing = (text: string): void => void text;
  const other = bracket(nothing, { begin: () => true, end: () => {} });
  const wholeOther = bracketCalls(nothing, { begin: () => undefined, end: (result) => result });
  const interrupt = (): void => {
    other('others');
    wholeOther('others');
  };

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
          bracketed('x', 'y');
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

  it('that a request interrupts before anything was made for it is followed by others', () => {
    const bracketed = bracket(join, { begin: () => true, end: () => {} }, true);
    const many = bracket((...texts: string[]) => void texts, { begin: () => true, end: () => {} }, true);
    many('more', 'than', 'the', 'next');
    const { pop } = Array.prototype;
    // In place of the inspector: the copies of the call before are dropped before those of this one are filled in.
    replace(Array.prototype, 'pop', function (this: unknown[]): unknown {
      replace(Array.prototype, 'pop', pop);
      bracketed('x', 'y');
      return Reflect.apply(pop, this, []);
    });
    try {
      assert.deepEqual([bracketed('a', 'b'), bracketed('c', 'd'), bracketed('e', 'f')], ['ab', 'cd', 'ef']);
    } finally {
      replace(Array.prototype, 'pop', pop);
    }
  });

  it('runs nothing that the program has put in the place of the language’s own functions', () => {
    const bracketed = bracket(join, { begin: () => true, end: () => {} });
    const { call } = Function.prototype;
    let calls = 0;
    replace(Function.prototype, 'call', function (this: () => void, ...args: [unknown]): unknown {
      calls++;
      return Reflect.apply(call, this, args) as unknown;
    });
    try {
      assert.equal(bracketed('a', 'b'), 'ab');
    } finally {
      replace(Function.prototype, 'call', call);
    }
    assert.equal(calls, 0);
  });

  it('that a request interrupts at its end has its own result', () => {
    const bracketed = bracket(join, { begin: () => true, end: interrupt });
    assert.deepEqual([bracketed('a', 'b'), bracketed('c', 'd')], ['ab', 'cd']);
  });
});
