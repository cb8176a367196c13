/** The .vsix that `npm run package` makes: exactly these files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RULE_IDS } from '../../src/protocol/report.ts';

const PAGES = ['command-line', 'costs', 'hung-program', 'limits', 'paused', 'stalls', 'tasks'];

/** The workspace that _Open the Demo_ copies; the program is built, for whoever installs the extension may have nothing to build it with. */
const DEMO = [
  '.vscode/launch.json',
  '.vscode/settings.json',
  '.vscode/tasks.json',
  'README.md',
  'build.mjs',
  'data/books.json',
  'dist/main.js',
  'dist/main.js.map',
  'package.json',
  'requests.http',
  ...readdirSync('demo/src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.split(path.sep).join('/')}`),
  'tsconfig.json',
  'visit.mjs',
];

const FILES = [
  'extension/LICENSE.txt',
  'extension/changelog.md',
  ...DEMO.map((name) => `extension/demo/${name}`).toSorted(),
  'extension/dist/adapter/main.js',
  'extension/dist/agent/agent.cjs',
  'extension/dist/agent/preload.cjs',
  'extension/dist/cli/main.js',
  'extension/dist/extension.js',
  'extension/dist/fixes.js',
  ...[...PAGES, ...RULE_IDS.map((rule) => `rules/${rule}`)].map((page) => `extension/docs/${page}.md`).toSorted(),
  'extension/media/icon.png',
  'extension/media/icon.svg',
  'extension/media/screenshot.png',
  ...['hung', 'stalls', 'tasks'].map((name) => `extension/media/walkthrough/${name}.md`),
  'extension/package.json',
  'extension/readme.md',
];

/** Names in a zip file's central directory. */
function entriesOf(file: string): string[] {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.notEqual(end, -1, `${file} is no zip file`);
  let offset = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((at) => zip.readUInt16LE(offset + at));
    const text = zip.toString('utf8', offset + 46, offset + 46 + (name ?? 0));
    offset += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    return text;
  });
}

describe('the extension package', () => {
  let file: string;
  before(function () {
    this.timeout(120_000);
    const output = execFileSync(process.execPath, ['scripts/package.mjs'], { encoding: 'utf8' });
    file = output.trim().split('\n').at(-1) ?? '';
    assert.ok(existsSync(file), output);
  });

  it('holds what the extension needs and nothing else', () => {
    const names = entriesOf(file).filter((name) => name.startsWith('extension/'));
    assert.deepEqual(names.toSorted(), FILES.toSorted());
  });

  it('stays small: it is downloaded by everyone', () => {
    assert.ok(readFileSync(file).length < 1_000_000);
  });
});
