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

let changed: (file: string) => void = () => {};

/** `handler` hears of each file whose code is not from where it was so far: it was compiled anew after an edit, or for the first time. */
export function onMapChanged(handler: (file: string) => void): void {
  changed = handler;
}

/** Takes the map's address down, where that is the map itself. `file`: where the code is said to be from. */
export function keepScriptMap(file: unknown, url: string | undefined): void {
  if (typeof file !== 'string') return;
  const isMap = url?.startsWith('data:application/json') === true;
  if (urls.get(file) === (isMap ? url : undefined)) return;
  forget(file);
  changed(file);
  if (!isMap) return;
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
  const base = path.isAbsolute(file) ? pathToFileURL(file).href : file;
  return new SourceMap(withUrls(JSON.parse(text) as Content, base) as module.SourceMapPayload);
}

/** A map as it is written, whatever Node's type says; one with `sections` is made of others. */
interface Content {
  sourceRoot?: string | null;
  sources?: (string | null)[];
  sections?: { map: Content }[];
}

function withUrls(content: Content, base: string): Content {
  const root = content.sourceRoot?.replace(/\/$/, '') ?? '';
  const absolute = (source: string | null): string => {
    // Nobody knows where it is from.
    if (source === null) return '';
    const name = root === '' || path.isAbsolute(source) ? source : `${root}/${source}`;
    return path.isAbsolute(name) ? pathToFileURL(name).href : new URL(name, base).href;
  };
  const { sources, sections } = content;
  return {
    ...content,
    ...(sources === undefined ? {} : { sources: sources.map(absolute) }),
    ...(sections === undefined
      ? {}
      : { sections: sections.map((section) => ({ ...section, map: withUrls(section.map, base) })) }),
  };
}
