/** Fetches the tools that tests, bench and demo need beside node_modules: Node binaries, code-server, Chromium. Only node:* imports. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Raised with every test run that a new version has passed. */
const CODE_SERVER_VERSION = '4.139.1';
/** The Node major that this code-server needs. */
const CODE_SERVER_NODE = 24;
/** Node majors that Async Lens supports in the debuggee. */
export const NODE_MAJORS = [20, 22, 24, 26];

/** Folder that keeps the tools between runs. */
export function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return path.join(process.env.XDG_CACHE_HOME, 'async-lens');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'async-lens');
  if (process.platform === 'win32' && process.env.LOCALAPPDATA)
    return path.join(process.env.LOCALAPPDATA, 'async-lens');
  return path.join(homedir(), '.cache', 'async-lens');
}

/** Runs npm quietly; rejects with what it printed. */
export async function npm(args, options = {}) {
  const cli = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const [command, all] = cli ? [process.execPath, [cli, ...args]] : ['npm', args];
  await run(command, all, { shell: !cli && process.platform === 'win32', ...options });
}

/** Runs a command quietly; rejects with the first and last lines of what it printed. */
async function run(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => (output += chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const lines = output.trim().split('\n');
  const shown = lines.length > 40 ? [...lines.slice(0, 20), '...', ...lines.slice(-20)] : lines;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${shown.join('\n')}`);
}

function progress(text) {
  process.stderr.write(`${text}\n`);
}

/** True when the process that holds the lock is gone. */
function isStale(lock) {
  try {
    const file = path.join(lock, 'pid');
    // A holder writes its number at once: a lock that has been without one for 10 s was left behind.
    if (!existsSync(file)) return Date.now() - statSync(lock).mtimeMs > 10_000;
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Runs `work` while holding a lock folder, so that two runs at once don't install the same tool twice. */
async function locked(name, work) {
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = path.join(cacheFolder(), `${name}.lock`);
  for (let told = false; ;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isStale(lock)) {
        rmSync(lock, { recursive: true, force: true });
        continue;
      }
      if (!told) progress(`waiting for another run that installs ${name} (remove ${lock} if there is none)`);
      told = true;
      await sleep(500);
    }
  }
  writeFileSync(path.join(lock, 'pid'), String(process.pid));
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Gives `<cache>/<name>`, made complete or not at all by `fill`; `isComplete` decides whether what is there can stay. */
export async function installed(name, isComplete, fill) {
  const folder = path.join(cacheFolder(), name);
  if (isComplete(folder)) return folder;
  return locked(name, async () => {
    if (isComplete(folder)) return folder;
    const started = Date.now();
    progress(`installing ${name} into ${cacheFolder()} ...`);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n');
    await fill(partial);
    if (!isComplete(partial))
      throw new Error(`${name} was installed but is not complete; remove ${partial} and try again`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    progress(`installed ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
    return folder;
  });
}

function nodeIn(folder) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return path.join(folder, 'node_modules', 'node', 'bin', name);
}

function nodeWorks(file, major) {
  if (!existsSync(file)) return false;
  try {
    return execFileSync(file, ['--version'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    }).startsWith(`v${major}.`);
  } catch {
    return false; // a broken binary is installed anew
  }
}

/** Path of a Node binary of that major version; installs it from npm when it isn't there. */
export async function nodeBinary(major) {
  const folder = await installed(
    `node-${major}`,
    (candidate) => nodeWorks(nodeIn(candidate), major),
    (partial) => npm(['install', `node@${major}`, '--prefix', partial, '--no-audit', '--no-fund'], { cwd: partial }),
  );
  return nodeIn(folder);
}

function codeServerComplete(folder) {
  const server = path.join(folder, 'node_modules', 'code-server');
  const vscode = path.join(server, 'lib', 'vscode');
  const needed = [
    path.join(server, 'out', 'node', 'entry.js'),
    path.join(vscode, 'node_modules', '.package-lock.json'),
    path.join(vscode, 'extensions', 'node_modules', '.package-lock.json'),
    path.join(vscode, 'extensions', 'ms-vscode.js-debug', 'package.json'),
  ];
  if (!needed.every((file) => existsSync(file))) return false;
  return JSON.parse(readFileSync(path.join(server, 'package.json'), 'utf8')).version === CODE_SERVER_VERSION;
}

/** The browser-served VS Code: its `entry` script, the `vscode` folder inside and the Node binary to run it with. */
export async function codeServer() {
  const node = await nodeBinary(CODE_SERVER_NODE);
  const common = ['--ignore-scripts', '--no-audit', '--no-fund'];
  const folder = await installed('code-server', codeServerComplete, async (partial) => {
    await npm(['install', `code-server@${CODE_SERVER_VERSION}`, '--prefix', partial, ...common], { cwd: partial });
    const vscode = path.join(partial, 'node_modules', 'code-server', 'lib', 'vscode');
    for (const inner of [vscode, path.join(vscode, 'extensions')]) {
      await npm(['install', '--prefix', inner, '--omit=dev', ...common], { cwd: inner });
    }
  });
  const server = path.join(folder, 'node_modules', 'code-server');
  return { node, entry: path.join(server, 'out', 'node', 'entry.js'), vscode: path.join(server, 'lib', 'vscode') };
}

/** A browser that is already there, or undefined. */
function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const candidates = (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)));
  if (process.platform === 'darwin') candidates.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  for (const base of [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)']]) {
    if (base) candidates.push(path.join(base, 'Google', 'Chrome', 'Application', 'chrome.exe'));
  }
  return candidates.find((file) => path.isAbsolute(file) && existsSync(file));
}

/** Path of a Chromium or Chrome: `$CHROMIUM`, an installed one, else Debian's package when run as root; throws with what to do. */
export async function chromium() {
  const chosen = process.env.CHROMIUM;
  if (chosen && !existsSync(chosen)) throw new Error(`CHROMIUM is set to ${chosen}, which does not exist`);
  const found = chosen ?? findChromium();
  if (found) return found;
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const advice = 'Install Chromium or Chrome, or set CHROMIUM to the path of one.';
  if (!canInstall) throw new Error(`No Chromium found. ${advice}`);
  return locked('chromium', async () => {
    const other = findChromium();
    if (other) return other;
    progress('installing chromium with apt-get ...');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      await run('apt-get', ['update'], { env });
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
    } catch (error) {
      throw new Error(`Chromium could not be installed. ${advice}\n${error.message}`, { cause: error });
    }
    const fresh = findChromium();
    if (!fresh) throw new Error(`apt-get installed chromium, yet it is not in PATH. ${advice}`);
    return fresh;
  });
}
