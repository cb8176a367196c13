/** The copy of the demo that _Open the Demo_ makes. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyDemo } from '../../src/ui/demo-copy.ts';

describe('the copy of the demo', function () {
  this.timeout(30_000);
  let parent: string;
  let source: string;

  /** As in an installed extension: built, and no package beside it. */
  before(() => {
    parent = mkdtempSync(path.join(tmpdir(), 'lens demo-'));
    source = path.join(parent, 'extension', 'demo');
    execFileSync(process.execPath, ['demo/build.mjs']);
    cpSync('demo', source, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
    mkdirSync(path.join(source, 'node_modules'));
  });
  after(() => rmSync(parent, { recursive: true, force: true }));

  it('is a new folder each time, without what was installed for building it', async () => {
    const first = await copyDemo(source, parent);
    assert.equal(first, path.join(parent, 'async-lens-demo'));
    assert.equal(await copyDemo(source, parent), path.join(parent, 'async-lens-demo-2'));
    const installed = new Set(['node_modules', 'package-lock.json']);
    assert.deepEqual(
      readdirSync(first),
      readdirSync(source).filter((name) => !installed.has(name)),
    );
  });

  it('can be written, whatever the installed one is', async () => {
    chmodSync(path.join(source, 'src', 'cache.ts'), 0o444);
    chmodSync(path.join(source, 'src'), 0o555);
    const copy = await copyDemo(source, parent);
    chmodSync(path.join(source, 'src'), 0o755);
    for (const name of ['', 'cache.ts']) assert.ok((statSync(path.join(copy, 'src', name)).mode & 0o200) !== 0, name);
  });

  it('needs no build as long as nobody has changed it, and then says what is needed', async () => {
    const copy = await copyDemo(source, parent);
    const build = (): { status: number | null; stderr: string } =>
      spawnSync(process.execPath, ['build.mjs'], { cwd: copy, encoding: 'utf8' });
    assert.deepEqual([build().status, build().stderr], [0, '']);
    appendFileSync(path.join(copy, 'src', 'cache.ts'), '// changed\n');
    const { status, stderr } = build();
    assert.equal(status, 1);
    assert.match(stderr, /^The sources have changed since the bookshop was built, .* Run once in .*: npm install\n$/);
    rmSync(path.join(copy, 'dist', 'main.js'));
    assert.match(build().stderr, /^The bookshop is not built, and there is no esbuild/);
  });

  it('says where it could not be made', async () => {
    const file = path.join(parent, 'a file');
    writeFileSync(file, '');
    await assert.rejects(
      copyDemo(source, file),
      /^Error: The demo can't be copied to .*a file: choose another folder\. \(ENOTDIR/,
    );
    assert.ok(!existsSync(path.join(file, 'async-lens-demo')));
  });
});
