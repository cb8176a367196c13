/** What a quick fix is, before the editor has anything to do with it. Pure. */
import type { Edit } from './syntax.ts';

/** A change of one file, and perhaps a new one beside it. */
export interface Fix {
  title: string;
  /** Why the user should look before it is made; empty: obviously safe. */
  cautions: string[];
  edits: Edit[];
  newFile?: { name: string; text: string };
}
