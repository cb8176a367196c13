/** Types of the part of tools.mjs that tests use. */

/** Node majors that Async Lens supports in the debuggee. */
export const NODE_MAJORS: number[];

/** Path of a Node binary of that major version; installs it from npm when it isn't there. */
export function nodeBinary(major: number): Promise<string>;
