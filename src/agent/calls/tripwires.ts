/** Puts tripwires on the synchronous functions that block the event loop: each call is timed (timed-calls.ts). */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { FinishedCall } from './blocking-calls.ts';
import { bracketWorks } from '../stacks/bracket.ts';
import * as details from './call-details.ts';
import { reportFault } from '../faults.ts';
import { foreseesJson } from './json-size.ts';
import { foreseesFile } from './slow-files.ts';
import { watchSqlite, type SqliteModule } from './sqlite.ts';
import { onCallTold, type Taken } from './timed-calls.ts';
import { always, install, type Way } from './tripwire.ts';
import { watchVm } from './vm-runs.ts';
import { keepScriptMaps } from './vm-sources.ts';
import { whenLoaded } from '../resources/when-loaded.ts';

type CryptoModule = Record<'Hash' | 'Hmac', { prototype: object }>;

/** So much text takes 10 ms or longer. */
const isLarge = (taken: Taken): boolean => typeof taken === 'number' && taken >= 1_000_000;
const isLargeInput = (taken: Taken): boolean => typeof taken === 'number' && taken >= 16_000_000;
const syncNames = (holder: object): string[] => Object.keys(holder).filter((key) => key.endsWith('Sync'));

/** A terminal or pipe, which waits for somebody else, or a folder of another machine. */
const isSlowFile = (taken: Taken): boolean =>
  taken === 0 || (typeof taken === 'string' && (taken.startsWith('/dev/') || isShare(taken)));
const isShare = (path: string): boolean =>
  path.startsWith('\\\\') && !path.startsWith('\\\\?') && !path.startsWith('\\\\.');
const FILE: Way = { take: details.takePath, detail: details.fileDetail, isLong: isSlowFile };
/** These go through whole folders and files, or wait for the disk. */
const SLOW_FILE: Way = { ...FILE, isLong: always };
const SLOW = new Set(['cpSync', 'rmSync', 'copyFileSync', 'fsyncSync', 'fdatasyncSync']);
/** What everybody calls all the time, most often with little. Milliseconds. */
const OFTEN = { fromMs: 5 };
const CRYPTO: Record<string, Way> = {
  pbkdf2Sync: { isLong: always, take: details.takeNumber(3), detail: details.countDetail('iterations') },
  scryptSync: { isLong: always },
  generateKeyPairSync: { isLong: always, take: details.takeWord, detail: details.programDetail },
  hkdfSync: {},
  generateKeySync: {},
  generatePrimeSync: { isLong: always, take: details.takeNumber(1), detail: details.countDetail('bits') },
  checkPrimeSync: {},
  randomFillSync: { ...OFTEN, isLong: isLargeInput, take: details.takeSize(1), detail: details.sizeDetail },
  hash: { ...OFTEN, isLong: isLargeInput, take: details.takeSize(2), detail: details.sizeDetail },
};
const DIGEST: Way = {
  ...OFTEN,
  isLong: isLargeInput,
  take: details.takeSize(1),
  detail: details.sizeDetail,
  usesThis: true,
};

function installAll(): void {
  install(fs.realpathSync, 'native', 'fs.realpathSync.native', FILE);
  for (const key of syncNames(fs)) {
    install(fs, key, `fs.${key}`, SLOW.has(key) ? SLOW_FILE : { ...FILE, foresees: foreseesFile(key) });
  }
  whenLoaded<object>('child_process', (childProcess) => {
    for (const key of syncNames(childProcess)) {
      const detail = key === 'execSync' ? details.commandDetail : details.programDetail;
      install(childProcess, key, `child_process.${key}`, { isLong: always, take: details.takeWord, detail });
    }
  });
  whenLoaded<CryptoModule>('crypto', (crypto) => {
    for (const [key, way] of Object.entries(CRYPTO)) install(crypto, key, `crypto.${key}`, way);
    install(crypto.Hash.prototype, 'update', 'crypto.Hash.update', DIGEST);
    install(crypto.Hmac.prototype, 'update', 'crypto.Hmac.update', DIGEST);
  });
  whenLoaded<object>('zlib', (zlib) => {
    const way: Way = { isLong: always, take: details.takeSize(1), detail: details.sizeDetail };
    for (const key of syncNames(zlib)) install(zlib, key, `zlib.${key}`, way);
  });
  whenLoaded<SqliteModule>('sqlite', watchSqlite);
  watchVm();
  keepScriptMaps();
  install(Atomics, 'wait', 'Atomics.wait', { isLong: always });
  const parse: Way = { ...OFTEN, isLong: isLarge, take: details.takeSize(1), detail: details.sizeDetail };
  install(JSON, 'parse', 'JSON.parse', parse);
  install(JSON, 'stringify', 'JSON.stringify', { ...OFTEN, foresees: foreseesJson, detail: details.sizeDetail });
}

/** Puts the tripwires on the modules of Node; once for each thread, before the program's own code. `onEnd` hears of each call told. */
export function installTripwires(onEnd: (call: FinishedCall) => void): void {
  onCallTold(onEnd);
  if (!bracketWorks()) {
    reportFault('tripwires', 'this runtime does not let synchronous calls be timed; they are told only as stalls');
    return;
  }
  installAll();
  syncBuiltinESMExports();
}
