/** Says in a word or two what a synchronous call was asked to do, without content: a path, a program, a size. Also in the middle of the program: no regular expressions. */
import path from 'node:path';
import type { Taken } from './timed-calls.ts';

type Args = readonly unknown[];

/** The getter of the engine itself: the program's own property of that name is not asked. */
const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')?.get;
/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** Length of text in characters or of binary data in bytes; undefined for anything else. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length;
  if (!ArrayBuffer.isView(value)) return undefined;
  // Of a DataView it fails.
  return value instanceof DataView || byteLength === undefined ? undefined : (apply(byteLength, value, []) as number);
}

const UNITS = ['bytes', 'kB', 'MB', 'GB'];

/** "31 MB"; nothing for what is small. */
export function sizeText(bytes: number | undefined): string | undefined {
  if (bytes === undefined || bytes < 1000) return undefined;
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 ? value.toFixed(1).replace('.0', '') : Math.round(value)} ${UNITS[power]}`;
}

/** The first argument when it is a path or a file descriptor. */
export const takePath = (args: Args): Taken => {
  const first = args[0];
  return typeof first === 'string' || typeof first === 'number' ? first : undefined;
};

/** "big.json (31 MB)": the size of what was read. */
export function fileDetail(taken: Taken, result?: unknown): string | undefined {
  if (taken === undefined) return undefined;
  const name = typeof taken === 'number' ? `descriptor ${taken}` : path.basename(taken).slice(0, MAX_WORD);
  const size = sizeText(sizeOf(result));
  return size === undefined ? name : `${name} (${size})`;
}

const MAX_WORD = 60;

/** The program that a command line begins with; what follows may be secret. */
export function commandDetail(taken: Taken): string | undefined {
  if (typeof taken !== 'string') return undefined;
  let rest = taken.trimStart();
  let word = firstWord(rest, isInk);
  while (isAssignment(word) && word.length < rest.length) {
    rest = rest.slice(word.length).trimStart();
    word = firstWord(rest, isInk);
  }
  return word === '' ? undefined : path.basename(word).slice(0, MAX_WORD);
}

const isInk = (character: string): boolean => character > ' ';
const isLetter = (character: string): boolean => {
  const lower = character.toLowerCase();
  return lower >= 'a' && lower <= 'z';
};
const isOfName = (character: string): boolean =>
  isLetter(character) || character === '_' || (character >= '0' && character <= '9');

/** The characters at the beginning of a text that are of one kind. */
function firstWord(text: string, isPart: (character: string) => boolean): string {
  let length = 0;
  while (length < text.length && isPart(text.charAt(length))) length++;
  return text.slice(0, length);
}

/** `NAME=value`. */
function isAssignment(word: string): boolean {
  const name = firstWord(word, isOfName);
  return name !== '' && !(name.charAt(0) >= '0' && name.charAt(0) <= '9') && word.charAt(name.length) === '=';
}

/** The file of a program that is started without a shell. */
export const programDetail = (taken: Taken): string | undefined =>
  typeof taken === 'string' ? path.basename(taken).slice(0, MAX_WORD) : undefined;

/** The size of the argument with that number, from 1. */
export const takeSize =
  (index: number) =>
  (args: Args): Taken =>
    sizeOf(args[index - 1]);

/** "(31 MB)": of what went in, or of what came out. */
export function sizeDetail(taken: Taken, result?: unknown): string | undefined {
  const size = sizeText(typeof taken === 'number' ? taken : sizeOf(result));
  return size === undefined ? undefined : `(${size})`;
}

const numberOf = (value: unknown): Taken => (typeof value === 'number' ? value : undefined);

/** The number passed as the argument with that number, from 1. */
export const takeNumber =
  (index: number) =>
  (args: Args): Taken =>
    numberOf(args[index - 1]);

/** "(600000 iterations)". */
export const countDetail =
  (unit: string) =>
  (taken: Taken): string | undefined =>
    typeof taken === 'number' ? `(${taken} ${unit})` : undefined;

/** The word by which an SQL statement begins. */
export const sqlDetail = (taken: Taken): string | undefined =>
  typeof taken === 'string' ? firstWord(taken.trimStart(), isLetter).toUpperCase() || undefined : undefined;

/** The first argument when it is a word such as `rsa`. */
export const takeWord = (args: Args): Taken => (typeof args[0] === 'string' ? args[0] : undefined);
