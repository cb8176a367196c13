/** What the agent leaves in the program for an inspector to find: its endpoint, and its records in the heap. */

/** Name of the private field by which a promise refers to the agent's record of it; heap snapshots show it. */
export const RECORD_FIELD = '#record';

/** What the agent offers to `Runtime.evaluate`. Never throws. */
export interface AgentEndpoint {
  /** A request in, an answer out, both JSON text. */
  request(json: string): string;
  /** Called by the agent's own line at the end of a package's ES module, with what it knows of the module's functions and classes. */
  loaded?(file: string, members: object): void;
  /** Numbers and promises, in turn, of tasks that ended since the last call: only an inspector can tell how a promise settled without running code. */
  settled?(): unknown[];
  /** No message: the agent's own record of a task's `await`, to be found in the heap. Undefined when the task has ended or gone on. */
  recordOf?(taskId: number): { readonly isPending: boolean } | undefined;
  /** Calls `stopInStall` if the loop has not turned for `ms` milliseconds, in the midst of what runs; once for each turn. */
  stopIfBlocked?(ms: number): void;
  /** Whether `stopIfBlocked` would stop it now; once for each turn, but for `again`. */
  isToStop?(ms: number, again?: boolean): boolean;
  /** Whether to call `stopBeforeCall` before each blocking call of the program's own. */
  stopBeforeCalls?(on: boolean): void;
  /** Only in a program that ran before the agent was loaded into it: begins to record what happens from now on. Once. False: not yet, code of the program is interrupted. */
  record?(): boolean;
  /** The same: begins to watch the event loop. What is read of the program before does not count as a stall of its own. Once. False: as above. */
  watchLoop?(): boolean;
  /** The same: whether it does. */
  isRecording?(): boolean;
  /** The same: from now on it is noticed when one of these promises settles, until {@link AgentEndpoint.adopt} or {@link AgentEndpoint.letGo} is called. */
  hold?(promises: readonly object[]): void;
  /** The same: forgets what it holds, and unless it records what it took in; nothing of the program's is kept any more. */
  letGo?(): void;
  /** The same: what can wake the program, beginning with the given timers. */
  openObjects?(timers: readonly object[]): readonly object[];
  /** The same: takes in the promises held and what {@link AgentEndpoint.openObjects} gave; `plan` is the JSON text of a `LatePlan` (late.ts). Returns a `LateAnswer` as JSON text. */
  adopt?(promises: readonly object[], objects: readonly object[], plan: string): string;
  /** Does nothing: for a debugger's breakpoint. */
  stopInStall?(): void;
  /** Does nothing: for a debugger's breakpoint. */
  stopBeforeCall?(): void;
}
