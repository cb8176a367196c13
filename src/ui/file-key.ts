/** Compares the files of a program with those of the editor. Pure. */

/** Equal for addresses of one file: where capitals do not count in names, a program may have been started by another spelling than the editor's. */
export function fileKey(uri: { toString(): string }, platform: string = process.platform): string {
  const text = uri.toString();
  return platform === 'win32' || platform === 'darwin' ? text.toLowerCase() : text;
}
