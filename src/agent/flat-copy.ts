/** Copies text that is kept longer than what it was cut from. */

/** V8 makes of a piece of text a reference into the whole, which would stay in memory for its sake. Of its own each has only what comes from bytes. */
export function flatCopy(text: string): string {
  const narrow = Buffer.from(text, 'latin1').toString('latin1');
  return narrow === text ? narrow : Buffer.from(text, 'utf16le').toString('utf16le');
}
