/** Reads the source map that a generated file names, and turns the names of its sources into paths on this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, win32 } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decodedMappings, FlattenMap, type TraceMap } from '@jridgewell/trace-mapping';

const COMMENT = /\/[/*][#@]\s*sourceMappingURL=([^\s*'"]+)/g;
const DATA_URL = /^data:[^,]*?(;base64)?,(.*)$/s;

/** The map named by the last `sourceMappingURL` comment of a file; undefined when there is none or it cannot be read. */
export function readMap(file: string): TraceMap | undefined {
  try {
    const url = [...readFileSync(file, 'utf8').matchAll(COMMENT)].at(-1)?.[1];
    if (url === undefined) return undefined;
    const base = pathToFileURL(file);
    if (url.startsWith('data:')) return decoded(new FlattenMap(dataOf(url), base.href));
    const address = new URL(url, base);
    if (address.protocol !== 'file:') return undefined;
    return decoded(new FlattenMap(readFileSync(fileURLToPath(address), 'utf8'), address.href));
  } catch {
    return undefined; // missing or malformed maps are common and no reason to complain: the generated file is shown instead
  }
}

/** Path of a map's source, resolved (a URL); undefined when there is no such file here. */
export function sourcePath(source: string, generated: string): string | undefined {
  const paths = [
    source.startsWith('file:') ? pathOf(source) : undefined,
    windowsPath(source),
    bundledPath(source, dirname(generated)),
  ];
  return paths.find((path) => path !== undefined && existsSync(path));
}

/** The last drive in a text, and what is behind it. */
const DRIVE = /(?:^|[\\/])([A-Za-z]:[\\/][^:]*)$/;

/**
 * The path in a source as compilers on Windows write it: the bare path. That is no URL: resolved as if it were a relative one it stands behind the map's own folder, and Node takes its drive for the
 * scheme. Undefined where there is none.
 */
export function windowsPath(source: string): string | undefined {
  const path = DRIVE.exec(source)?.[1];
  if (path === undefined) return undefined;
  return win32.normalize(/^[a-z]:/.test(source) ? unescaped(path) : path);
}

/** Node has escaped what is no plain letter where it took the path for a URL. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // with a percent sign of its own
  }
}

/** Mappings are decoded lazily: doing it here lets a malformed map fail here and not at the first look-up. */
function decoded(map: TraceMap): TraceMap {
  decodedMappings(map);
  return map;
}

function dataOf(url: string): string {
  const [, base64, data = ''] = DATA_URL.exec(url) ?? [];
  return base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString('utf8');
}

/** Of a file URL, with a drive also where there are none; undefined when it has a host or an encoded slash, and so names no local file. */
export function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url, { windows: /^file:\/\/\/[a-z]:/i.test(url) || process.platform === 'win32' });
  } catch {
    return undefined; // as said above
  }
}

/** Bundlers name sources `webpack://package/./src/a.ts`, relative to a project folder that is the bundle's own or one above it. */
function bundledPath(source: string, folder: string): string | undefined {
  const relative = /^webpack:\/\/[^/]*\/(.*)$/.exec(source)?.[1]?.replace(/\?.*$/, '');
  if (relative === undefined) return undefined;
  const path = join(folder, relative);
  if (existsSync(path) || dirname(folder) === folder) return path;
  return bundledPath(source, dirname(folder));
}
