import assert from 'node:assert/strict';
import { dropOver } from '../../src/agent/compact.ts';
import { PENDING } from '../../src/agent/promises/flags.ts';
import { PromiseRecord } from '../../src/agent/promises/promise-record.ts';
import { keepSurvivors, noteRecent, onSurvivors } from '../../src/agent/resources/recent.ts';
import { newWeakList } from '../../src/agent/waits/weak-list.ts';

/** Runs `interrupt` at one of the calls made by work on a list, as a request of the inspector's does. */
function interrupted<T>(at: number, interrupt: () => void, isOver: (item: T) => boolean): (item: T) => boolean {
  let calls = 0;
  return (item) => {
    if (++calls === at) interrupt();
    return isOver(item);
  };
}

const isEven = (number: number): boolean => number % 2 === 0;

describe('lists that a request interrupts', () => {
  it('keep what they have when the same is begun again within it', () => {
    for (let at = 1; at <= 6; at++) {
      const list = [0, 1, 2, 3, 4, 5];
      dropOver(
        list,
        0,
        interrupted(at, () => dropOver(list, 0, isEven), isEven),
      );
      assert.deepEqual(list, [1, 3, 5], `interrupted at call ${at}`);
    }
  });

  it('take in what is added meanwhile', () => {
    const list = [0, 1, 2];
    dropOver(
      list,
      0,
      interrupted(3, () => list.push(7, 8), isEven),
    );
    assert.deepEqual(list, [1, 7]);
  });

  it('can be worked on again after a failure', () => {
    const list = [0, 1, 2];
    const fail = (): boolean => {
      throw new Error('meant');
    };
    assert.throws(() => dropOver(list, 0, fail));
    dropOver(list, 0, isEven);
    assert.deepEqual(list, [1]);
  });

  it('of objects held weakly have no holes', () => {
    const objects = Array.from({ length: 200 }, (_, number) => ({ number }));
    let calls = 0;
    let isAsked = false;
    const list = newWeakList((object) => {
      if (++calls % 7 === 0 && !isAsked) {
        isAsked = true;
        list.latest(1000);
        isAsked = false;
      }
      return isEven((object as (typeof objects)[0]).number);
    });
    for (const object of objects) {
      list.note(object);
      if (object.number % 3 === 0) list.note(object);
    }
    const odd = objects.filter(({ number }) => !isEven(number));
    assert.deepEqual(list.latest(1000), odd);
  });

  it('tell of each resource once', () => {
    const kept: number[] = [];
    onSurvivors(({ id }) => kept.push(id));
    class Interrupted extends PromiseRecord {
      override note(): ReturnType<PromiseRecord['note']> {
        keepSurvivors();
        return super.note();
      }
    }
    for (let id = 1; id <= 3; id++) {
      const leaf = new Interrupted();
      leaf.seq = id;
      leaf.flags = PENDING;
      noteRecent(leaf, id, 'FSREQPROMISE', id, 0);
    }
    keepSurvivors();
    assert.deepEqual(
      kept.toSorted((a, b) => a - b),
      [1, 2, 3],
    );
  });
});
