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

  it('runs nothing that the program has put in the place of the language’s own functions', () => {
    const bracketed = bracket(join, { begin: () => true, end: () => {} });
    const whole = bracketCalls(join, { begin: () => undefined, end: (result) => result });
    const { call } = Function.prototype;
    const { pop, push } = Array.prototype;
    let calls = 0;
    const count = (): void => void calls++;
    const results: unknown[] = [];
    const setter = { configurable: true, get: count, set: count };
    replace(Function.prototype, 'call', function (this: () => void, ...args: [unknown]): unknown {
      count();
      return Reflect.apply(call, this, args) as unknown;
    });
    for (const key of ['pop', 'push']) replace(Array.prototype, key, count);
    try {
      for (const key of ['0', '1', '2', '3']) Reflect.defineProperty(Array.prototype, key, setter);
      const first = bracketed('a', 'b');
      const second = whole('c', 'd');
      const third = bracketed('e', 'f');
      for (const key of ['0', '1', '2', '3']) Reflect.deleteProperty(Array.prototype, key);
      Reflect.apply(push, results, [first, second, third]);
    } finally {
      for (const [key, value] of Object.entries({ pop, push })) replace(Array.prototype, key, value);
      replace(Function.prototype, 'call', call);
    }
    assert.deepEqual(results, ['ab', 'cd', 'ef']);
    assert.equal(calls, 0);
  });

  it('has the result of the function, as it is', () => {
    const same = (value: unknown): unknown => value;
    const bracketed = bracket(same, { begin: () => true, end: () => {} });
    for (const value of [0, -0, NaN, undefined, undefined, true, false, null, 'a', 1n, 0])
      assert.ok(Object.is(bracketed(value), value), String(value));
  });

  it('that a request interrupts at its end has its own result', () => {
    const bracketed = bracket(join, { begin: () => true, end: interrupt });
    assert.deepEqual([bracketed('a', 'b'), bracketed('c', 'd')], ['ab', 'cd']);
  });
});
