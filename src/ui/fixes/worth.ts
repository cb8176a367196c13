/** Tells without parsing whether a file may have a blocking call: most have none. Pure. */

const NAMES = /Sync\b|\bAtomics\b/;

/** False for sure when it has none. */
export function mayBlock(text: string): boolean {
  return NAMES.test(text);
}
