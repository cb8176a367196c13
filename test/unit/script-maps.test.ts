/** Maps of code that the program compiled through `node:vm`: those of the code that runs now, however they are written. */
import assert from 'node:assert/strict';
import { addOriginals } from '../../src/agent/stacks/originals.ts';
import { keepScriptMap } from '../../src/agent/stacks/script-maps.ts';
import { answerWithin } from '../../src/agent/stacks/within.ts';
import type { Frame } from '../../src/protocol/agent.ts';

const urlOf = (map: object): string =>
  `data:application/json;base64,${Buffer.from(JSON.stringify({ version: 3, ...map })).toString('base64')}`;
const frameOf = (file: string, line = 1): Frame => ({ file, line, column: 1, function: 'f' });

function originalOf(frame: Frame): string | undefined {
  addOriginals([[frame]]);
  return frame.original && `${frame.original.file}:${frame.original.line}`;
}

describe('maps of code compiled through node:vm', () => {
  it('are those of the code compiled last, also for a frame seen before', () => {
    const seen = frameOf('/app/edited.js');
    const later = (): (string | undefined)[] => [seen, frameOf('/app/edited.js')].map(originalOf);
    keepScriptMap('/app/edited.js', urlOf({ sources: ['a.ts'], mappings: 'AAAA' }));
    assert.deepEqual(later(), ['file:///app/a.ts:1', 'file:///app/a.ts:1']);
    keepScriptMap('/app/edited.js', urlOf({ sources: ['a.ts'], mappings: 'AAUA' }));
    assert.deepEqual(later(), ['file:///app/a.ts:11', 'file:///app/a.ts:11']);
    keepScriptMap('/app/edited.js', undefined);
    assert.deepEqual(later(), [undefined, undefined]);
    keepScriptMap('/app/edited.js', urlOf({ sources: ['b.ts'], mappings: 'AAAA' }));
    assert.deepEqual(later(), ['file:///app/b.ts:1', 'file:///app/b.ts:1']);
  });

  it('may leave a source without a name', () => {
    keepScriptMap('/app/null.js', urlOf({ sources: [null, 'b.ts'], mappings: 'AAAA;ACAA' }));
    assert.deepEqual(
      [1, 2].map((line) => originalOf(frameOf('/app/null.js', line))),
      [undefined, 'file:///app/b.ts:1'],
    );
  });

  it('may be made of others', () => {
    const map = { version: 3, sources: ['a.ts'], sourceRoot: 'lib/', names: [], mappings: 'AAAA' };
    keepScriptMap('/app/index.js', urlOf({ sections: [{ offset: { line: 0, column: 0 }, map }] }));
    assert.equal(originalOf(frameOf('/app/index.js')), 'file:///app/lib/a.ts:1');
  });

  it('that are missing are not said to be unread for longer than that is so', () => {
    const files = { mapped: 'AAAA', broken: '%' };
    for (const [name, mappings] of Object.entries(files)) {
      const file = `/app/${name}.js`;
      keepScriptMap(file, urlOf({ sources: [null], mappings }));
      const frames = [1, 2, 3].map((line) => frameOf(file, line));
      const deeply = (depth: number): unknown =>
        depth === 0 ? answerWithin(() => addOriginals([frames])) : [deeply(depth - 1)];
      deeply(100);
      addOriginals([frames]);
      assert.deepEqual(
        frames.map(({ isUnmapped }) => isUnmapped),
        [undefined, undefined, undefined],
        name,
      );
    }
  });
});
