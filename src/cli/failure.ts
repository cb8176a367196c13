/** Failures of Async Lens itself, as opposed to those of the program it runs. */

/** Exit code when Async Lens itself fails (EX_SOFTWARE of sysexits.h), clear of the codes programs commonly use. */
export const FAILURE_EXIT_CODE = 70;

/** A failure that the user can do something about; the message is one clear line. */
export class Failure extends Error {}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
