/** What a file is, for those who only ask. */
import { statSync, type Stats } from 'node:fs';

/** Undefined when there is no such file, or it can't be looked at: no permission, a file where a folder should be (`app.zip/a.js`; Node 20 throws at that), a drive that is off. */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined; // For who asks it is as if there were none.
  }
}
