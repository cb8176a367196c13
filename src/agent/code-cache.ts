/**
 * Runs the agent's text with the code that V8 made of it in an earlier process: without reading the text again, a process starts 10 ms earlier and takes 2 MB less (Node 20 to 26). The code is kept
 * beside the text, where only those may write who could change the text as well. Whatever goes wrong, there is no such code.
 */
import type { Script } from 'node:vm';

type Run = (load: NodeJS.Require, file: string) => void;

/** What the agent's text uses of a module's names. */
const HEAD = '(function (require, __filename) {';
const TAIL = '\n})';
const FOLDER = 'code';
/** One for each version of Node and set of V8's flags; 0.9 MB each. */
const MAX_FILES = 16;
const PIECE = 65_536;
/** Others read it and can't write, whatever the program's mask says. */
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/** Required here, not imported: the gate must load in any Node. */
const files = (): typeof import('node:fs') => require('node:fs') as typeof import('node:fs');

/** What keeps the code, as it is before the agent comes: that times what the program calls, and these calls are none of the program's. */
type Originals = Pick<
  typeof import('node:fs'),
  'closeSync' | 'mkdirSync' | 'openSync' | 'readdirSync' | 'renameSync' | 'statSync' | 'unlinkSync' | 'writeSync'
>;

function originals(): Originals {
  const { closeSync, mkdirSync, openSync, readdirSync, renameSync, statSync, unlinkSync, writeSync } = files();
  return { closeSync, mkdirSync, openSync, readdirSync, renameSync, statSync, unlinkSync, writeSync };
}

/** ECMAScript 2024, in Node from 20 on. */
interface Resizable extends ArrayBuffer {
  resize(length: number): void;
}

/**
 * Bytes that {@link giveBack} takes from the process again at once; others stay until V8 collects all garbage, which a small server never needs. V8 asks the system for these, not malloc: what that has
 * once been given back makes it keep more free memory from then on (glibc: up to twice as much).
 */
function borrow(length: number): Buffer {
  const Growing = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;
  return Buffer.from(new Growing(length, { maxByteLength: length }), 0, length);
}

function giveBack({ buffer }: Buffer): void {
  (buffer as unknown as Resizable).resize(0);
}

/** Whether the file has these bytes there; `piece` is what it is read into. */
function hasAt(file: number, position: number, bytes: Buffer, piece: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += piece.length) {
    const expected = bytes.subarray(at, at + piece.length);
    const count = files().readSync(file, piece, 0, expected.length, position + at);
    if (count !== expected.length || !piece.subarray(0, count).equals(expected)) return false;
  }
  return true;
}

/**
 * V8 takes the code of another version or with other flags for none, but of damaged code it crashes, and of the text it looks at the length alone (Node 20 to 26): so the file has the code twice, then
 * the text.
 */
function codeIn(file: number, text: Buffer): Buffer | undefined {
  const length = (files().fstatSync(file).size - text.length) / 2;
  if (length <= 0 || !Number.isInteger(length)) return undefined;
  const code = borrow(length);
  const piece = Buffer.allocUnsafeSlow(PIECE);
  const isWhole = files().readSync(file, code, 0, length, 0) === length && hasAt(file, length, code, piece);
  return isWhole && hasAt(file, 2 * length, text, piece) ? code : undefined;
}

function readCode(place: string, text: Buffer): Buffer | undefined {
  let file: number | undefined;
  try {
    file = files().openSync(place, 'r');
    return codeIn(file, text);
  } catch {
    // Nobody has written it yet.
    return undefined;
  } finally {
    if (file !== undefined) files().closeSync(file);
  }
}

/** Takes the oldest away where there are too many. */
function makeRoom(folder: string, { readdirSync, statSync, unlinkSync }: Originals): void {
  const names = readdirSync(folder);
  if (names.length <= MAX_FILES) return;
  const byAge = names.map((name) => ({ place: `${folder}/${name}`, atMs: statSync(`${folder}/${name}`).mtimeMs }));
  byAge.sort((a, b) => a.atMs - b.atMs);
  for (const { place } of byAge.slice(0, names.length - MAX_FILES)) unlinkSync(place);
}

/** Renamed into place: another process never reads half a file. */
function keepCode(place: string, script: Script, text: Buffer, own: Originals): void {
  const { closeSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } = own;
  const folder = place.slice(0, place.lastIndexOf('/'));
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const partial = `${place}.${process.pid}-${process.hrtime.bigint()}`;
    // To make the code takes some milliseconds: not where it can't be kept.
    const file = openSync(partial, 'wx', FILE_MODE);
    try {
      const code = script.createCachedData();
      for (const part of [code, code, text]) {
        for (let sent = 0; sent < part.length;) sent += writeSync(file, part, sent);
      }
      renameSync(partial, place);
    } catch {
      unlinkSync(partial);
    } finally {
      closeSync(file);
    }
    makeRoom(folder, own);
  } catch {
    // An installation that can't be written to, or a full disk: the text itself is all there is.
  }
}

/** The text between head and tail, as V8 gets it: put together as strings it would be there twice. The build sees to it that each byte is a character. */
function readWhole(file: string): Buffer {
  const opened = files().openSync(file, 'r');
  try {
    const { size } = files().fstatSync(opened);
    const whole = borrow(HEAD.length + size + TAIL.length);
    whole.write(HEAD, 0);
    if (files().readSync(opened, whole, HEAD.length, size, 0) !== size) throw new Error('half a file');
    whole.write(TAIL, HEAD.length + size);
    return whole;
  } finally {
    files().closeSync(opened);
  }
}

/**
 * The name of the kept code. On Node 20 V8 takes over from it where the agent lay when it was made: code of a folder that was moved or copied, or that another system sees under another path, would
 * make strangers of the agent's own frames. So each place has code of its own.
 */
function nameOf(file: string): string {
  const { cachedDataVersionTag } = require('node:v8') as typeof import('node:v8');
  let sum = 0;
  for (let i = 0; i < file.length; i++) sum = (Math.imul(sum, 31) + file.charCodeAt(i)) >>> 0;
  const parts = [
    process.version,
    process.platform,
    process.arch,
    cachedDataVersionTag().toString(36),
    sum.toString(36),
  ];
  return parts.join('-');
}

/** Runs the agent in `file`, beside the gate that runs now; `load` is the gate's `require`. Throws what the agent throws. */
export function runAgent(file: string, load: NodeJS.Require): void {
  const { Script } = require('node:vm') as typeof import('node:vm');
  const own = originals();
  const whole = readWhole(file);
  const text = whole.subarray(HEAD.length, -TAIL.length);
  const place = `${file.replace(/[^/\\]*$/, FOLDER)}/${nameOf(file)}`;
  const code = readCode(place, text);
  const script = new Script(whole.toString('latin1'), {
    filename: file,
    columnOffset: -HEAD.length,
    ...(code === undefined ? {} : { cachedData: code }),
  });
  if (code !== undefined) giveBack(code);
  (script.runInThisContext() as Run)(load, file);
  if (code === undefined || script.cachedDataRejected === true) keepCode(place, script, text, own);
  giveBack(whole);
}
