/** Packages whose functions block are seen as Node's own are: by name, with the program's line, and unchanged for the program. */
import assert from 'node:assert/strict';
import { SYNC_PACKAGES } from './fixtures/sync-packages.ts';
import { runWithAgent, type RunOptions } from '../support/run-node.ts';

const CALLS = `
setTimeout(() => {
  const db = new Database('file');
  const insert = db.prepare('insert into t values (?)');
  insert.run(1);
  db.prepare(' select 1').get();
  db.prepare('SELECT 2').all();
  db.exec('CREATE TABLE t');
  db.pragma('quick_check');
  hashSync('secret', 11);
  bcrypt.compareSync('secret', 'hash');
  bcryptjs.hashSync('secret', 'salt');
}, 20);`;

/** By line of the program, as it must be told. */
const TOLD = [
  '5 better-sqlite3.run INSERT',
  '6 better-sqlite3.get SELECT',
  '7 better-sqlite3.all SELECT',
  '8 better-sqlite3.exec CREATE',
  '9 better-sqlite3.pragma QUICK',
  '10 bcrypt.hashSync (11 rounds)',
  '11 bcrypt.compareSync',
  '12 bcryptjs.hashSync',
];

const REQUIRE = `const Database = require('better-sqlite3'), bcrypt = require('bcrypt'), bcryptjs = require('bcryptjs'), { hashSync } = bcrypt;`;
const IMPORT = `import Database from 'better-sqlite3'; import bcrypt, { hashSync } from 'bcrypt'; import bcryptjs from 'bcryptjs';`;

const VALUES = `${REQUIRE}
  const db = Database('file'), statement = db.prepare('fails');
  for (const f of [db.prepare, db.exec, db.pragma, statement.run, statement.get, statement.all, hashSync, bcrypt.compareSync])
    console.log(f.name, f.length, typeof f, String(f), Object.getOwnPropertyNames(f));
  console.log(Object.keys(Database.prototype), Object.keys(bcrypt), Object.keys(statement), Object.getPrototypeOf(statement).constructor.name);
  console.log(statement.run(1, 2), db.exec('x') === db, db.prepare === Database.prototype.prepare, hashSync === bcrypt.hashSync);
  for (const work of [() => statement.get(), () => hashSync(), () => bcrypt.hashSync.call(null), () => statement.run.call(5)])
    try { console.log(work()); } catch (error) { console.log(error.stack); }`;

describe('packages that block', function () {
  this.timeout(60_000);

  for (const [how, first, esm] of [
    ['required', REQUIRE, false],
    ['imported', IMPORT, true],
  ] as const) {
    it(`are told with the line that calls them: ${how}`, async () => {
      const run = await runWithAgent({ source: first + CALLS, esm, files: SYNC_PACKAGES });
      const exit = run.events.find((event) => event.event === 'exit');
      assert.ok(exit !== undefined, run.stderr);
      const told = exit.snapshot.blockingCalls
        .filter(({ startupCount, api }) => startupCount === 0 && !api.startsWith('fs.'))
        .map(({ stack, api, detail = '' }) => {
          const line = stack.find(({ file }) => !file.includes('node_modules'))?.line ?? 0;
          return { line, text: `${line} ${api} ${detail}`.trimEnd() };
        })
        .sort((a, b) => a.line - b.line);
      assert.deepEqual(
        told.map(({ text }) => text),
        TOLD,
      );
    });
  }

  it('are told before they begin once for each statement, and seldom again', async () => {
    const source = `const Database = require('better-sqlite3');
      const insert = new Database('file').prepare('insert into t values (?)');
      setTimeout(() => {
        for (let i = 0; i < 18; i++) insert.run(i);
        new Database('file').prepare('select 1').get();
      }, 20);`;
    const { events } = await runWithAgent({ source, files: SYNC_PACKAGES });
    const told = events.flatMap((event) => (event.event === 'blocking-begin' ? [event.api] : []));
    assert.equal(told.filter((api) => api === 'better-sqlite3.get').length, 1, told.join());
    const runs = told.filter((api) => api === 'better-sqlite3.run').length;
    // Five at once and five a second; it takes 0.27 s.
    assert.ok(runs > 1 && runs < 12, told.join());
  });

  it('are the same for the program', async () => {
    const options: RunOptions = { source: VALUES, files: SYNC_PACKAGES };
    const [bare, traced] = await Promise.all([runWithAgent({ ...options, agent: false }), runWithAgent(options)]);
    const folder = (file: string): string => file.slice(0, file.lastIndexOf('/'));
    const output = ({ stdout, stderr, file }: typeof bare): string => (stdout + stderr).replaceAll(folder(file), '.');
    assert.equal(output(traced), output(bare));
    assert.match(bare.stdout, /no such table/);
  });
});
