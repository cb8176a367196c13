/** The npm tarball: installed into an empty folder, `async-lens` works from it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
const shell = process.platform === 'win32';

describe('the command line package', () => {
  let folder: string;
  before(function () {
    this.timeout(240_000);
    folder = mkdtempSync(path.join(tmpdir(), 'async lens package '));
    const output = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { encoding: 'utf8', shell });
    const tarball = path.join(folder, output.trim().split('\n').at(-1) ?? '');
    const project = path.join(folder, 'project');
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
    const flags = ['--offline', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', ...flags, '--prefix', project, tarball], { cwd: project, shell });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function asyncLens(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const project = path.join(folder, 'project');
    const npx = ['--no-install', 'async-lens', ...args];
    const { status, stdout, stderr } = spawnSync('npx', npx, { cwd: project, encoding: 'utf8', shell });
    return { status, stdout, stderr };
  }

  it('tells its version', () => {
    const { stdout, status } = asyncLens('--version');
    assert.deepEqual({ status, version: stdout.trim() }, { status: 0, version });
  });

  it('runs a program, passes its exit code on and reports what was pending', () => {
    const program = path.join(folder, 'project', 'program.js');
    const report = path.join(folder, 'project', 'report.json');
    const lines = ['async function answer() { await new Promise(() => {}); }', 'answer();', 'process.exitCode = 5;'];
    writeFileSync(program, lines.join('\n'));
    const { status, stderr } = asyncLens('run', '--json', report, '--', 'node', program);
    assert.equal(status, 5, stderr);
    const { tasks }: { tasks: { name: string }[] } = JSON.parse(readFileSync(report, 'utf8'));
    assert.deepEqual(
      tasks.map(({ name }) => name),
      ['answer'],
    );
  });
});
