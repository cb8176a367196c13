import assert from 'node:assert/strict';
import type { Stall } from '../../src/protocol/agent.ts';
import { groupStalls, within } from '../../src/model/stalls/stall-groups.ts';
import { frame, sources, stall } from '../support/samples.ts';

const TEXT = `function save(state) {
  const at = 1;
  const copy = structuredClone(state);
  return finish(copy);
}
function finish(copy) {
  for (const each of copy) {
    each.sort();
  }
}
`;

/** A frame with a column; "save 4:10". */
const at = (name: string, line: number, column: number, file = '/app/a.ts'): Stall['stack'][number] => ({
  ...frame(`${name} ${file}:${line}`),
  column,
});

/** Place and what is called there, of a stall with that stack. */
function told(stack: Stall['stack'], rest: Partial<Omit<Stall, 'stack'>> = {}): string {
  const [group] = groupStalls([{ ...stall(rest), stack }], {
    ...sources,
    textOf: (file) => (file === '/app/a.ts' ? TEXT : 'module.exports = function lib(a) { for (;;); };'),
  });
  assert.deepEqual(group?.stack[0], group?.place?.location);
  return `${group?.place?.name} ${group?.place?.location?.line}${group === undefined ? '' : within(group)}`;
}

const AFTER: Partial<Stall> = { confidence: 'inferred', after: true };

describe('the place of a stall', () => {
  const entered = at('finish', 6, 16);
  const caller = at('save', 4, 10);

  it('is before the function that the program entered next', () => {
    assert.equal(told([entered, caller], AFTER), 'save 3 (probably in structuredClone)');
    assert.equal(told([at('floor', 0, 0, '<anonymous>'), caller], AFTER), 'save 3 (probably in structuredClone)');
    assert.equal(told([at('log', 300, 6, 'node:console'), caller], AFTER), 'save 3 (probably in structuredClone)');
    const library = at('lib', 1, 30, '/app/node_modules/lib/index.js');
    assert.equal(told([library, caller], AFTER), 'save 3 (probably in structuredClone)');
  });

  it("is not known when only Node's own code came next", () => {
    const node = at('removeStoresFromResource', 90, 34, 'node:internal/async_hooks');
    const [unknown] = groupStalls([{ ...stall(AFTER), stack: [node] }], sources);
    assert.deepEqual([unknown?.place, unknown?.stack], [undefined, []]);
    assert.equal(told([node], { confidence: 'sampled' }), 'removeStoresFromResource undefined');
  });

  it('is the body of the loop that began another round', () => {
    assert.equal(told([at('finish', 7, 3), caller], AFTER), 'finish 8 (probably in each.sort)');
  });

  it('is where the stack says, when it was taken in time or within a package', () => {
    assert.equal(told([entered, caller]), 'finish 6');
    const library = at('lib', 1, 36, '/app/node_modules/lib/index.js');
    assert.equal(told([library, caller], AFTER), 'save 4');
    assert.equal(told([library, caller]), 'save 4 (in finish)');
    assert.equal(told([at('map', 0, 0, '<anonymous>'), caller]), 'save 4');
  });

  it('is the line that calls it, when nothing was called before', () => {
    assert.equal(told([at('clone', 0, 0, '<anonymous>'), at('save', 3, 16)], AFTER), 'save 3');
  });

  it('names no call at the beginning of a function', () => {
    const library = at('lib', 1, 36, '/app/node_modules/lib/index.js');
    assert.equal(told([library, at('save', 1, 10)]), 'save 1');
  });

  it('is the call that a profile saw, which has only the beginning of the caller', () => {
    const leaf = at('structuredClone', 0, 0, '<anonymous>');
    assert.equal(told([leaf, at('save', 1, 14)]), 'save 3 (in structuredClone)');
  });
});
