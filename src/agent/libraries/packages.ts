/** The packages whose locks, pools, queues and connections are known, and where to look for their functions and classes. */
import { field } from './fields.ts';
import { watchAsyncLock } from './async-lock.ts';
import { watchAsyncMutex } from './async-mutex.ts';
import { watchAsync, watchAsyncFile } from './async-queue.ts';
import { watchAwaitLock } from './await-lock.ts';
import { watchBcrypt } from './bcrypt.ts';
import { watchBottleneck } from './bottleneck.ts';
import { watchBullmq } from './bullmq.ts';
import { watchDataLoader } from './dataloader.ts';
import { watchFastq } from './fastq.ts';
import { watchGenericPool } from './generic-pool.ts';
import { watchIoredis } from './ioredis.ts';
import { watchMongodb } from './mongodb.ts';
import { watchMysql } from './mysql2.ts';
import { watchBeeQueue, watchBull } from './job-workers.ts';
import { watchLimit } from './p-limit.ts';
import { watchQueue } from './p-queue.ts';
import { watchClient } from './pg.ts';
import { watchPool } from './pg-pool.ts';
import { watchPiscina } from './piscina.ts';
import { watchPostgres } from './postgres.ts';
import { watchRedis } from './redis.ts';
import { watchBetterSqlite } from '../calls/sqlite.ts';
import { watchGrpc, watchNats } from './remote-calls.ts';
import { watchRxjs } from './rxjs.ts';
import { watchSequelizePool } from './sequelize-pool.ts';
import { watchSocketIo, watchSocketIoClient } from './socket-io.ts';
import { watchTarn } from './tarn.ts';
import { watchUndici } from './undici.ts';

/** Takes the functions and classes that a module defines; leaves alone what has not the shape it knows. */
type Watch = (members: object) => void;

interface KnownFile {
  package: string;
  /** End of the path inside the package, with slashes. */
  file: RegExp;
  watch: Watch;
  /** Only for ES modules: names in the module's own scope. A `replaced` one is a function that is not a class. */
  names?: readonly string[];
  replaced?: string;
}

/** As a member of that name what a file exports as `default` or as a whole. */
const only =
  (name: string, watch: Watch): Watch =>
  (members) => {
    const exports = field(members, 'exports');
    watch({ [name]: typeof exports === 'function' ? exports : field(exports, 'default') });
  };
const named =
  (watch: Watch): Watch =>
  (members) => {
    const exports = field(members, 'exports');
    if (typeof exports === 'object' && exports !== null) watch(exports);
  };

/** CommonJS: `members` is the module object. */
const COMMON: readonly KnownFile[] = [
  { package: 'async-mutex', file: /\/Semaphore\.js$/, watch: only('Semaphore', watchAsyncMutex) },
  { package: 'async-mutex', file: /\/Mutex\.js$/, watch: only('Mutex', watchAsyncMutex) },
  { package: 'async-lock', file: /^\/lib\/index\.js$/, watch: only('AsyncLock', watchAsyncLock) },
  { package: 'await-lock', file: /^\/build\/AwaitLock\.js$/, watch: only('AwaitLock', watchAwaitLock) },
  { package: 'sequelize-pool', file: /^\/lib\/(?:Pool|Deferred)\.js$/, watch: named(watchSequelizePool) },
  { package: 'p-limit', file: /^\/index\.js$/, watch: watchLimit },
  { package: 'p-queue', file: /\/dist\/index\.js$/, watch: only('PQueue', watchQueue) },
  { package: 'fastq', file: /^\/queue\.js$/, watch: watchFastq },
  { package: 'async', file: /^\/dist\/async\.js$/, watch: named(watchAsync) },
  { package: 'async', file: /^\/(?:queue|priorityQueue|cargo|cargoQueue)\.js$/, watch: watchAsyncFile },
  { package: 'bottleneck', file: /^\/lib\/Bottleneck\.js$/, watch: only('Bottleneck', watchBottleneck) },
  { package: 'bottleneck', file: /^\/lib\/Job\.js$/, watch: only('Job', watchBottleneck) },
  {
    package: 'piscina',
    file: /^\/dist\/(?:index|task_queue\/(?:array_queue|fixed_queue|index)|worker_pool\/index)\.js$/,
    watch: named(watchPiscina),
  },
  { package: 'pg-pool', file: /^\/index\.js$/, watch: only('Pool', watchPool) },
  { package: 'pg', file: /\/lib\/client\.js$/, watch: only('Client', watchClient) },
  { package: 'postgres', file: /^\/cjs\/src\/query\.js$/, watch: named(watchPostgres) },
  { package: 'tarn', file: /\/PendingOperation\.js$/, watch: named(watchTarn) },
  { package: 'tarn', file: /\/Pool\.js$/, watch: named(watchTarn) },
  { package: 'better-sqlite3', file: /^\/lib\/database\.js$/, watch: only('Database', watchBetterSqlite) },
  { package: 'bcrypt', file: /^\/bcrypt\.js$/, watch: named(watchBcrypt('bcrypt')) },
  { package: 'bcryptjs', file: /^\/umd\/index\.js$/, watch: named(watchBcrypt('bcryptjs')) },
  { package: 'generic-pool', file: /\/lib\/Pool\.js$/, watch: only('Pool', watchGenericPool) },
  { package: 'generic-pool', file: /\/lib\/ResourceRequest\.js$/, watch: only('ResourceRequest', watchGenericPool) },
  { package: 'ioredis', file: /\/built\/(?:Redis|redis\/index)\.js$/, watch: only('Redis', watchIoredis) },
  { package: 'ioredis', file: /\/built\/[Pp]ipeline\.js$/, watch: only('Pipeline', watchIoredis) },
  { package: '@redis/client', file: /\/dist\/lib\/client\/(?:index|commands-queue)\.js$/, watch: named(watchRedis) },
  { package: 'dataloader', file: /^\/index\.js$/, watch: only('DataLoader', watchDataLoader) },
  {
    package: 'bullmq',
    file: /\/dist\/cjs\/classes\/(?:worker|queue|queue-events|job|async-fifo-queue)\.js$/,
    watch: named(watchBullmq),
  },
  { package: 'bull', file: /^\/lib\/queue\.js$/, watch: only('Queue', watchBull) },
  { package: 'bee-queue', file: /^\/lib\/queue\.js$/, watch: only('Queue', watchBeeQueue) },
  {
    package: 'rxjs',
    file: /^\/dist\/cjs\/internal\/(?:first|last)ValueFrom\.js$/,
    watch: named(watchRxjs),
  },
  { package: '@grpc/grpc-js', file: /^\/build\/src\/client\.js$/, watch: named(watchGrpc) },
  { package: 'nats', file: /\/nats-base-client\/(?:nats|queued_iterator)\.js$/, watch: named(watchNats) },
  { package: 'socket.io', file: /^\/dist\/socket\.js$/, watch: named(watchSocketIo) },
  { package: 'socket.io-client', file: /^\/build\/cjs\/socket\.js$/, watch: named(watchSocketIoClient) },
  { package: 'undici', file: /^\/lib\/(?:dispatcher\/)?pool-base\.js$/, watch: named(watchUndici) },
  { package: 'undici', file: /^\/lib\/(?:dispatcher\/)?client\.js$/, watch: only('Client', watchUndici) },
  {
    package: 'mongodb',
    file: /^\/lib\/(?:cmap\/connection(?:_pool)?|sdam\/topology)\.js$/,
    watch: named(watchMongodb),
  },
  { package: 'mysql2', file: /^\/lib\/(?:base\/)?pool\.js$/, watch: only('Pool', watchMysql) },
  { package: 'mysql2', file: /^\/lib\/(?:base\/)?connection\.js$/, watch: only('Connection', watchMysql) },
  { package: 'mysql2', file: /\/lib\/promise\/pool\.js$/, watch: only('PromisePool', watchMysql) },
  { package: 'mysql2', file: /\/lib\/promise\/connection\.js$/, watch: only('PromiseConnection', watchMysql) },
];

const MODULES: readonly KnownFile[] = [
  {
    package: 'socket.io-client',
    file: /^\/build\/esm(?:-debug)?\/socket\.js$/,
    watch: watchSocketIoClient,
    names: ['Socket'],
  },
  { package: 'postgres', file: /^\/src\/query\.js$/, watch: watchPostgres, names: ['Query'] },
  { package: 'await-lock', file: /^\/build\/AwaitLock\.js$/, watch: watchAwaitLock, names: ['AwaitLock'] },
  { package: 'async-mutex', file: /^\/index\.mjs$/, watch: watchAsyncMutex, names: ['Mutex', 'Semaphore'] },
  { package: 'p-limit', file: /^\/index\.js$/, watch: watchLimit, names: ['pLimit'], replaced: 'pLimit' },
  { package: 'p-queue', file: /\/dist\/index\.js$/, watch: watchQueue, names: ['PQueue'] },
];

/** Names of all packages, and of those that come as ES modules. */
export const PACKAGES: readonly string[] = [...new Set(COMMON.map((known) => known.package))];
export const MODULE_PACKAGES: readonly string[] = [...new Set(MODULES.map((known) => known.package))];

/** A path or URL: what follows the last `node_modules`. */
const INSIDE = /.*\/node_modules\/((?:@[^/]+\/)?[^/?#]+)([^?#]*)/;

function find(list: readonly KnownFile[], path: string): KnownFile | undefined {
  const [, name, file] = INSIDE.exec(path.replaceAll('\\', '/')) ?? [];
  if (name === undefined || file === undefined || !PACKAGES.includes(name)) return undefined;
  return list.find((known) => known.package === name && known.file.test(file));
}

/** The known CommonJS file at this path. */
export const commonFile = (path: string): KnownFile | undefined => find(COMMON, path);
/** The known ES module at this URL. */
export const moduleFile = (url: string): KnownFile | undefined => find(MODULES, url);
