/** The check of import rules, file length and opening comments, on small trees made here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const script = path.resolve('scripts/check-imports.mjs');

describe('check-imports', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'async-lens-imports-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function check(files: Record<string, string>): { code: number | null; faults: string[] } {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    return { code: status, faults: stderr.split('\n').filter((line) => line !== '') };
  }

  it('accepts a tree that keeps to the rules', () => {
    const result = check({
      'src/protocol/wire.ts': `/** Wire. */\nexport interface Wire { a: 1 }\n`,
      'src/model/tree.ts': `/** Tree. */\nimport type { Wire } from '../protocol/wire.ts';\nexport type Tree = Wire;\n`,
      'src/agent/hook.ts': `/** Hook. */\nimport fs from 'node:fs';\nimport type { Wire } from '../protocol/wire.ts';\nexport { fs, type Wire };\n`,
      'src/adapter/link.ts': `/** Link. */\nimport WebSocket from 'ws';\nimport net from 'node:net';\nexport * from '../model/tree.ts';\nexport { WebSocket, net };\n`,
      'src/ui/view.ts': `/** View. */\nimport * as vscode from 'vscode';\nexport { vscode };\n`,
      'src/extension.ts': `/** Root. */\nimport './ui/view.ts';\nimport * as vscode from 'vscode';\nexport { vscode };\n`,
    });
    assert.deepEqual(result, { code: 0, faults: [] });
  });

  it('names every import against the rules', () => {
    const result = check({
      'src/protocol/wire.ts': `/** Wire. */\nimport fs from 'node:fs';\nexport { fs };\n`,
      'src/model/tree.ts': `/** Tree. */\nimport {\n  link,\n} from '../adapter/link.ts';\nexport { link };\nexport const lazy = () => import('left-pad');\n`,
      'src/agent/hook.ts': `/** Hook. */\nimport ws from 'ws';\nimport '../model/tree.ts';\nexport { ws };\n`,
      'src/adapter/link.ts': `/** Link. */\nimport type { window } from 'vscode';\nexport const link = 1 as unknown as typeof window;\n`,
      'src/cli/main.ts': `/** Main. */\nimport '../ui/view.ts';\nimport '../adapter/link';\nimport '../../test/help.ts';\n`,
      'src/ui/view.ts': `/** View. */\nexport const view = require('../agent/hook.ts');\n`,
      'src/other/thing.ts': `/** Thing. */\nimport '../protocol/wire.ts';\n`,
    });
    assert.equal(result.code, 1);
    assert.deepEqual(result.faults, [
      `src/adapter/link.ts: only src/ui and src/extension.ts may import vscode`,
      `src/agent/hook.ts: agent must not depend on a package (ws)`,
      `src/agent/hook.ts: agent must not import model (../model/tree.ts); it may import protocol`,
      `src/cli/main.ts: cli must not import ui (../ui/view.ts); it may import protocol, model, adapter`,
      `src/cli/main.ts: imports ../adapter/link, which is no file (relative imports carry their extension)`,
      `src/cli/main.ts: imports ../../test/help.ts, which lies outside src`,
      `src/model/tree.ts: model must not import adapter (../adapter/link.ts); it may import protocol`,
      `src/model/tree.ts: model must not depend on a package (left-pad)`,
      `src/other/thing.ts: src/other has no import rule; add one to scripts/check-imports.mjs`,
      `src/protocol/wire.ts: protocol must not import node:fs: it runs anywhere`,
      `src/ui/view.ts: ui must not import agent (../agent/hook.ts); it may import protocol, model, adapter`,
    ]);
  });

  it('refuses a file that is too long or does not say what it is for', () => {
    const result = check({
      'src/protocol/wire.ts': `export const wire = 1;\n`,
      'src/model/tree.ts': `/** Tree. */\n${'export {};\n'.repeat(300)}`,
      'test/unit/tree.test.ts': 'export {};\n'.repeat(301),
    });
    assert.equal(result.code, 1);
    assert.deepEqual(result.faults, [
      'src/model/tree.ts: has 301 lines; at most 300',
      'src/protocol/wire.ts: does not open with a doc comment that says what it is for',
      'test/unit/tree.test.ts: has 301 lines; at most 300',
    ]);
  });

  it('does not pass when there is nothing to check', () => {
    assert.equal(check({}).code, 1);
  });
});
