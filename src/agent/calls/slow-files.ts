/** Foresees which synchronous calls about files will last: by what is asked of them, and by a look at the file as often as a budget allows. */
import fs, { type Stats } from 'node:fs';
import { newBudget } from '../budget.ts';
import { loopStartMs } from '../stalls/loop.ts';
import { sizeOf } from './call-details.ts';
import { isRemotePath } from './mounts.ts';

/** The originals: the tripwires replace what `fs` has. */
const { statSync, fstatSync } = fs;

type Args = readonly unknown[];

/** So much takes 10 ms or longer, from a disk several times that. Bytes. */
const LARGE = 16_000_000;
/** A folder of that size has some 20,000 entries. Bytes. */
const LARGE_FOLDER = 1_000_000;
/** What fits into a pipe is most often taken at once. Bytes. */
const PIPE = 65_536;
/** A look takes 2 us: at most 0.02 % of the time. */
const looks = newBudget(100, 20);
/** Files of other machines: most often they are quick, too, and each announcement takes 50 us. */
const remoteCalls = newBudget(5, 10);

/** Whether the file is worth a look, and what is to be seen there. */
interface Foresight {
  isWorthLook: (args: Args) => boolean;
  isSlow: (stats: Stats) => boolean;
  /** Known without a look. */
  isLarge?: (args: Args) => boolean;
}

const always = (): boolean => true;
/** A pipe, a terminal or a socket: who reads or writes there waits for somebody else. */
const waitsForOthers = (stats: Stats): boolean => stats.isFIFO() || stats.isCharacterDevice() || stats.isSocket();
const isLargeData = (args: Args): boolean => (sizeOf(args[1]) ?? 0) >= LARGE;

const WRITE: Foresight = { isWorthLook: always, isSlow: waitsForOthers, isLarge: isLargeData };
const TRANSFER: Foresight = { isWorthLook: always, isSlow: waitsForOthers };
const FORESIGHT: Record<string, Foresight> = {
  readFileSync: {
    isWorthLook: always,
    isSlow: (stats) => stats.size >= LARGE || waitsForOthers(stats),
  },
  openSync: TRANSFER,
  readSync: TRANSFER,
  readvSync: TRANSFER,
  writeSync: { ...WRITE, isWorthLook: (args) => (sizeOf(args[1]) ?? 0) >= PIPE },
  writeFileSync: WRITE,
  appendFileSync: WRITE,
  readdirSync: {
    isWorthLook: always,
    isSlow: (stats) => stats.size >= LARGE_FOLDER,
    isLarge: (args) => isRecursive(args[1]),
  },
};

function isRecursive(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  return Object.getOwnPropertyDescriptor(options, 'recursive')?.value === true;
}

/** Whether a call of `fs[key]` that begins at `nowMs` will probably last. Nothing is foreseen while the program starts. */
export function foreseesFile(key: string): (args: Args, nowMs: number) => boolean {
  const foresight = FORESIGHT[key];
  return (args, nowMs) => {
    if (loopStartMs() === undefined) return false;
    const file = args[0];
    if (typeof file === 'string' && isRemotePath(file)) return remoteCalls.take(nowMs);
    if (foresight === undefined) return false;
    if (foresight.isLarge?.(args) === true) return true;
    if (!foresight.isWorthLook(args) || !looks.take(nowMs)) return false;
    const stats = statsOf(file);
    return stats !== undefined && foresight.isSlow(stats);
  };
}

/** Undefined for what is not there, or not allowed: the call will tell. */
function statsOf(file: unknown): Stats | undefined {
  try {
    if (typeof file === 'number') return fstatSync(file);
    return typeof file === 'string' ? statSync(file, { throwIfNoEntry: false }) : undefined;
  } catch {
    return undefined; // as said above
  }
}
