/** Compares text with a golden file; `RESET_GOLDENS=1` rewrites the file instead. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Fails when `text` is not what the file says, and then writes it to `<file>.actual`; `text` needs no final line break. */
export function assertGolden(file: string, text: string): void {
  const actual = `${text.trimEnd()}\n`;
  if (process.env['RESET_GOLDENS'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    rmSync(`${file}.actual`, { force: true });
    return;
  }
  const expected = readGolden(file);
  if (actual === expected) {
    rmSync(`${file}.actual`, { force: true });
    return;
  }
  writeFileSync(`${file}.actual`, actual);
  assert.equal(
    actual,
    expected ?? '',
    `differs from ${file}: see ${path.basename(file)}.actual; RESET_GOLDENS=1 accepts it`,
  );
}

/** A git checkout may have changed the line breaks. */
function readGolden(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const DURATION = String.raw`(?:<1 ms|\d+(?:\.\d+)? (?:ms|s|min|h)(?: \d+ (?:s|min))?)`;
/** An age is a part of its own between middle dots, or the whole description. */
const AGE = new RegExp(`(?<=· |  )${DURATION}(?= ·|$)`, 'gm');
const LEFT = new RegExp(`${DURATION} (?=left|overdue)`, 'g');
const IDLE = new RegExp(`, idle ${DURATION}`, 'g');
/** On a busy machine ticks come late. */
const LATE = new RegExp(`, last tick ${DURATION} late`, 'g');
const ABORT = new RegExp(`(?<=times out in )${DURATION}`, 'g');
const ADDRESS = /(127\.0\.0\.1|localhost|\[::1\]|\[::\]|0\.0\.0\.0):(\d+)/g;

/**
 * Replaces what differs from run to run: ages, time left, idle times, ports, process ids and temporary folders. `ports` names the ports a test knows,
 * so that a golden file can say `127.0.0.1:<postgres>`; any other port becomes `<port>`.
 */
export function normalise(text: string, ports: Record<string, number> = {}): string {
  const names = new Map(Object.entries(ports).map(([name, port]) => [port, name]));
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(tmpdir(), '<tmp>')
    .replace(AGE, '<age>')
    .replace(LEFT, '<time> ')
    .replace(IDLE, '')
    .replace(LATE, '')
    .replace(ABORT, '<time>')
    .replace(ADDRESS, (_, host: string, port: string) => `${host}:<${names.get(Number(port)) ?? 'port'}>`)
    .replace(/\bpid \d+|\[\d{2,}\]/g, (found) => found.replace(/\d+/, '<pid>'));
}
