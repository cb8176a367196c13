/** What is read from the event files of finished, killed and half-finished programs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mainThreadOf, readSpool } from '../../src/adapter/spool-reader.ts';

const hello = (pid: number, ppid: number, threadId = 0) =>
  `${JSON.stringify({ event: 'hello', version: 1, pid, ppid, threadId })}\n`;
const fault = (message: string) => `${JSON.stringify({ event: 'fault', message, fatal: false })}\n`;

describe('the spool', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lens-spool-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const brief = () =>
    readSpool(folder).map(
      ({ pid, thread, events }) => `${pid} ${thread}: ${events.map(({ event }) => event).join(' ')}`,
    );

  it('is empty when the folder is not there', () => {
    assert.deepEqual(readSpool(join(folder, 'nowhere')), []);
  });

  it('lists files by process, then by thread, the watchdog last', () => {
    write('20-0.ndjson', hello(20, 10));
    write('10-watch.ndjson', fault('w'));
    write('10-3.ndjson', hello(10, 1, 3));
    write('10-0.ndjson', hello(10, 1));
    assert.deepEqual(brief(), ['10 0: hello', '10 3: hello', '10 watch: fault', '20 0: hello']);
  });

  it('passes over files that are no event files', () => {
    write('10-0.ndjson.tmp', hello(10, 1));
    write('notes.txt', 'hello');
    assert.deepEqual(brief(), []);
  });

  it('keeps what a killed process wrote before its half line', () => {
    write('10-0.ndjson', `${hello(10, 1)}${fault('a')}{"event":"exit","exitCo`);
    assert.deepEqual(brief(), ['10 0: hello fault']);
  });

  it('reads a last line that only lacks its line break', () => {
    write('10-0.ndjson', hello(10, 1).trimEnd());
    assert.deepEqual(brief(), ['10 0: hello']);
  });

  it('has what the watchdog found out, how tasks ended included', () => {
    write('10-watch.ndjson', `${JSON.stringify({ event: 'outcomes', outcomes: [] })}\n`);
    assert.deepEqual(brief(), ['10 watch: outcomes']);
  });

  it('passes over lines that are no event', () => {
    write('10-0.ndjson', `42\nnull\n[]\n{}\n{"event":"party"}\nnonsense\n\n${hello(10, 1)}`);
    assert.deepEqual(brief(), ['10 0: hello']);
  });
});

describe('the main thread in a spool', () => {
  const file = (pid: number, thread: number | 'watch', ...lines: string[]) => ({
    pid,
    thread,
    events: lines.map((line) => JSON.parse(line)),
  });

  it('is that of the process no other started', () => {
    const files = [file(20, 0, hello(20, 30)), file(30, 0, hello(30, 1)), file(40, 0, hello(40, 20))];
    assert.equal(mainThreadOf(files)?.pid, 30);
  });

  it('includes what its watchdog wrote, not its workers', () => {
    const files = [file(30, 0, hello(30, 1)), file(30, 2, hello(30, 1, 2)), file(30, 'watch', fault('seen'))];
    assert.deepEqual(
      mainThreadOf(files, 30)?.events.map(({ event }) => event),
      ['hello', 'fault'],
    );
  });

  it('is unknown before the hello', () => {
    assert.equal(mainThreadOf([file(30, 'watch', fault('w'))]), undefined);
    assert.equal(mainThreadOf([file(30, 0, hello(30, 1))], 31), undefined);
  });
});
