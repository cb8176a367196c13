/** Tells awaits of packages that are no waits of their own: they keep count, or are steps within one. */

/** Packages that run a function and await it themselves, beside the promise that they have given for it. */
const BOOKKEEPERS = /[\\/]node_modules[\\/](?:p-limit|p-queue)[\\/](?:dist[\\/])?[^\\/]*$/;

/** Whether an await there may only keep count of what a task of the program awaits. */
export function isBookkeeper({ file }: { file: string }): boolean {
  return BOOKKEEPERS.test(file);
}

const TOLD_WHOLE = /[\\/]node_modules[\\/](?:bullmq|ioredis)[\\/]/;

/** Whether an await there is a step within a wait that is told for the package's function as a whole. */
export function isToldWhole(frame: { file: string } | undefined): boolean {
  return frame !== undefined && TOLD_WHOLE.test(frame.file);
}
