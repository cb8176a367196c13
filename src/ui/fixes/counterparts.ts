/** The table of blocking functions and what does the same without blocking. Pure. */

/** How to call the counterpart. */
export interface Counterpart {
  /** Where it is: of `fs/promises` the functions are awaited as they are, of other modules they take a callback and are promisified. */
  module: string;
  name: string;
  /** Written behind the call. */
  suffix?: string;
  /** What the awaited value has instead of being it: `.stdout`. */
  property?: string;
  /** Why the result may differ. */
  caution?: string;
}

const PROMISES = new Set(
  (
    'access appendFile chmod chown copyFile cp lchown link lstat lutimes mkdir mkdtemp opendir readFile readdir readlink ' +
    'realpath rename rm rmdir stat statfs symlink truncate unlink utimes writeFile'
  ).split(' '),
);

const CALLBACKS: Record<string, ReadonlySet<string>> = {
  child_process: new Set(['exec', 'execFile']),
  crypto: new Set(['pbkdf2', 'scrypt', 'generateKeyPair', 'generatePrime', 'checkPrime']),
  zlib: new Set(
    (
      'gzip gunzip deflate inflate deflateRaw inflateRaw unzip brotliCompress brotliDecompress zstdCompress ' +
      'zstdDecompress'
    ).split(' '),
  ),
};

/** Undefined where there is none that returns the same. */
export function counterpartOf(module: string, name: string): Counterpart | undefined {
  if (!name.endsWith('Sync')) return undefined;
  const stem = name.slice(0, -'Sync'.length);
  if (module === 'fs' && stem === 'exists') {
    return { module: 'fs/promises', name: 'access', suffix: '.then(() => true, () => false)' };
  }
  if (module === 'fs') return PROMISES.has(stem) ? { module: 'fs/promises', name: stem } : undefined;
  if (!CALLBACKS[module]?.has(stem)) return undefined;
  if (module !== 'child_process') return { module, name: stem };
  return { module, name: stem, property: '.stdout', caution: 'what the command prints on stderr is not passed on' };
}
