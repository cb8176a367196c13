/**
 * Runs something of ours at the beginning of the next callback of the loop: by a `before` hook that is there for that one callback only, and without the frame that
 * Node otherwise puts on the stacks of callbacks while there is such a hook.
 */
import asyncHooks from 'node:async_hooks';
import { findHookInternals, type HookInternals } from './hook-internals.ts';

let internals: HookInternals | undefined;
let tried = false;
let isSet = false;
/** Node calls callbacks directly, as it does without such a hook. */
let isDirect = false;
let onCallback = (_asyncId: number): void => {};

/** Never enabled by its own method, which before Node 24 would turn promise tracking on. */
const hook = asyncHooks.createHook({ before: (asyncId) => onCallback(asyncId) });

/** `run` gets the callback's id; it must not throw, and calls {@link unsetWakeHook}. Answers whether it will run; not while hooks of the program do, nor where Node is different. */
export function setWakeHook(run: (asyncId: number) => void): boolean {
  if (!tried) internals = findIfPossible();
  tried = true;
  if (internals === undefined || isSet) return isSet;
  const { active_hooks: hooks, async_hook_fields: fields, kBefore, kAfter, kUsesExecutionAsyncResource } = internals;
  if (hooks.call_depth > 0 || hooks.tmp_array !== null) return false;
  if (!hooks.array.includes(hook)) hooks.array.push(hook);
  const usesTrampoline = [kBefore, kAfter, kUsesExecutionAsyncResource].some((index) => fields[index] !== 0);
  // Without it C++ calls the hook itself, and then the callback, with nothing on the stack in between.
  if (!usesTrampoline) internals.setCallbackTrampoline();
  isDirect = !usesTrampoline;
  fields[kBefore] = (fields[kBefore] ?? 0) + 1;
  onCallback = run;
  return (isSet = true);
}

function findIfPossible(): HookInternals | undefined {
  try {
    return findHookInternals();
  } catch {
    return undefined; // the program is polled as if it never rested
  }
}

/** All is as before. */
export function unsetWakeHook(): void {
  if (internals === undefined || !isSet) return;
  isSet = false;
  const { active_hooks: hooks, async_hook_fields: fields, kBefore } = internals;
  fields[kBefore] = (fields[kBefore] ?? 1) - 1;
  // A hook of the program that runs now has changed the hooks: after it these become the fields.
  if (hooks.tmp_fields?.[kBefore] !== undefined && hooks.tmp_array !== null) hooks.tmp_fields[kBefore]--;
  if (isDirect) internals.setCallbackTrampoline(internals.callbackTrampoline);
}
