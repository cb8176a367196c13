/** Types of healthy-packages.mjs for tests. */

/** Folder of the installed packages, if they are there. */
export function healthyFolder(): string | undefined;
