/** What is kept of the program's texts does not keep the larger ones alive from which they were cut. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { watchSqlite } from '../../src/agent/calls/sqlite.ts';
import { flatCopy } from '../../src/agent/flat-copy.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function usedMb(): number {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

describe('a text that is kept', () => {
  it('is a statement alone, not the file that it is from', () => {
    class DatabaseSync {
      exec(_sql: string): void {}
      prepare(): void {}
    }
    class StatementSync {}
    watchSqlite({ DatabaseSync, StatementSync });
    const database = new DatabaseSync();
    const run = (i: number): void => {
      const file = Buffer.alloc(900_000, `insert into t values (${i}) -- text;`).toString('latin1');
      database.exec(file.slice(0, file.indexOf(';')));
    };
    run(0);
    const before = usedMb();
    for (let i = 1; i <= 60; i++) run(i);
    const kept = usedMb() - before;
    assert.ok(kept < 20, `${kept} MB`);
  });

  it('stays as it is', () => {
    for (const text of ['', 'select 1', 'é', 'Grüße, 世界 \u{1f600}', '\ud800']) assert.equal(flatCopy(text), text);
  });
});
