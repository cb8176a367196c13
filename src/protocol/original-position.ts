/** Where code was before a loader transformed it. */

/** A position in a source of a source map; line and column start at 1. */
export interface OriginalPosition {
  /** URL of the source; may be that of the frame's own file. */
  file: string;
  line: number;
  column: number;
  /** The map says that this source is not the user's. */
  ignored?: true;
}
