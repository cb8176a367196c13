/** Tells which folders belong to other machines, as far as the system says so. */
import fs from 'node:fs';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** The originals: the tripwires replace what `fs` has, and the program may replace `process.cwd`. */
const { readFileSync } = fs;
const { cwd } = process;

/** File systems whose files are somewhere else, by Linux's names; those of `fuse` only by their own names, because some are local. */
const REMOTE = new Set([
  '9p',
  'afs',
  'ceph',
  'cifs',
  'davfs',
  'drvfs',
  'fuse.davfs2',
  'fuse.gcsfuse',
  'fuse.glusterfs',
  'fuse.rclone',
  'fuse.s3fs',
  'fuse.sshfs',
  'glusterfs',
  'lustre',
  'nfs',
  'nfs4',
  'smb3',
  'smbfs',
]);

interface Mount {
  /** Without a slash at the end. */
  folder: string;
  isRemote: boolean;
}

/** The mounts of `/proc/self/mounts`, the longest paths first; none where nothing is remote. The root counts as local: where all is remote, nothing is special. */
export function readMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [, folder = '', type = ''] = line.split(' ');
    if (folder.startsWith('/') && folder !== '/') {
      mounts.push({ folder: folder.replaceAll('\\040', ' '), isRemote: REMOTE.has(type) });
    }
  }
  if (!mounts.some(({ isRemote }) => isRemote)) return [];
  return mounts.sort((a, b) => b.folder.length - a.folder.length);
}

/** Whether an absolute path lies on another machine. */
export function isOnRemote(mounts: readonly Mount[], path: string): boolean {
  const mount = mounts.find(({ folder }) => path.startsWith(folder) && (path[folder.length] ?? '/') === '/');
  return mount?.isRemote === true;
}

let known: Mount[] | undefined;

/** Whether the path lies on another machine; looks at the list of mounts once. False where there is no such list: macOS, Windows. */
export function isRemotePath(path: string): boolean {
  known ??= process.platform === 'linux' ? mountsIfReadable() : [];
  if (known.length === 0) return false;
  return isOnRemote(known, path.startsWith('/') ? path : `${apply(cwd, process, [])}/${path}`);
}

/** Without permission to read it there is none. */
function mountsIfReadable(): Mount[] {
  try {
    return readMounts(readFileSync('/proc/self/mounts', 'utf8'));
  } catch {
    return []; // as said above
  }
}
