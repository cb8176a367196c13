/** Source maps that came with code which the program compiled through `node:vm`, as Jest does with every file: nobody else could be asked for them. */
import module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is kept of all files together; the oldest are let go of. Characters. */
const MAX_SIZE = 32_000_000;

/** The data URLs by the file that the code is said to be from. */
const urls = new Map<string, string>();
let size = 0;

/** The original: the program may replace it later. */
const { SourceMap } = module;

/** Takes the map's address down, where that is the map itself. `file`: where the code is said to be from. */
export function keepScriptMap(file: unknown, url: string | undefined): void {
  if (typeof file !== 'string' || url?.startsWith('data:application/json') !== true) return;
  forget(file);
  urls.set(file, url);
  size += url.length;
  for (const oldest of urls.keys()) {
    if (size <= MAX_SIZE) break;
    forget(oldest);
  }
}

function forget(file: string): void {
  size -= urls.get(file)?.length ?? 0;
  urls.delete(file);
}

/** Whether there is one for this file. */
export const hasScriptMap = (file: string): boolean => urls.has(file);

/** Decoded anew each time; its sources are absolute URLs. Throws when it is malformed. */
export function scriptMapOf(file: string): module.SourceMap | undefined {
  const url = urls.get(file);
  if (url === undefined) return undefined;
  const comma = url.indexOf(',');
  const data = url.slice(comma + 1);
  const isBase64 = url.slice(0, comma).endsWith(';base64');
  const text = isBase64 ? Buffer.from(data, 'base64').toString() : decodeURIComponent(data);
  const content = JSON.parse(text) as module.SourceMapPayload;
  // Many leave it out, whatever the type says.
  const sourceRoot = (content as { sourceRoot?: string }).sourceRoot ?? '';
  const base = path.isAbsolute(file) ? pathToFileURL(file).href : file;
  const absolute = (source: string): string => {
    const name = sourceRoot === '' || path.isAbsolute(source) ? source : `${sourceRoot.replace(/\/$/, '')}/${source}`;
    return path.isAbsolute(name) ? pathToFileURL(name).href : new URL(name, base).href;
  };
  return new SourceMap({ ...content, sources: content.sources.map(absolute) });
}
