/** Promises that were rejected and that nobody handled. */
import type { Frame } from './agent.ts';

/** A frame, and whether it awaited the one before. */
export type RejectionFrame = Frame & { isAsync?: true };

/** Who calls the outermost function of a stack that ends there, as was seen at other times. */
export interface Origin {
  /** The caller and its callers, innermost first. */
  stack: RejectionFrame[];
}

/** One that Node told of, in order. */
export interface Rejection {
  /** Class of the error; absent when the reason was none. */
  error?: string;
  message: string;
  /** Where the error was made, innermost first; async frames are those that awaited it. Empty when it is no error. */
  stack: RejectionFrame[];
  /** More than one: each of them may have been it. Absent when nothing is known. */
  origins?: Origin[];
  /** Somebody handled it, but only after Node had told of it; then `stack` is where, and this how often. The rejection itself is one of the others, or was handled by a listener. */
  handledLate?: number;
  atMs: number;
}
