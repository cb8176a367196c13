/** Remembers for what a callback of the loop runs: a request, or a user's AsyncResource; tasks begun there carry its name. */
import { executionAsyncId } from 'node:async_hooks';
import { Call, type PromiseRecord } from '../promises/promise-record.ts';
import { noteSegment, scopeBehind } from './scope-segments.ts';
import { coarseNow, lastSeq, runningCall, runningRecord, segmentNow, watchScopes } from '../promises/promises.ts';

/** Stands where the call is kept that started a task. */
export class Scope extends Call {
  /** The call whose code entered the scope. */
  readonly starter: Call | PromiseRecord | null;
  /** Equal for the same request or resource. */
  readonly key: number;
  readonly #name: Name;
  readonly #first: string;
  readonly #second: string;

  /** Not the scope's own callback but something that it has left to be done: `starter`. */
  readonly isLater: boolean;

  constructor(
    key: number,
    name: Name,
    first: string,
    second: string,
    starter: Call | PromiseRecord | null,
    isLater = false,
  ) {
    super(-1, -1);
    this.isLater = isLater;
    this.key = key;
    this.#name = name;
    this.#first = first;
    this.#second = second;
    this.starter = starter;
    made++;
  }

  /** The same, going on in the code of `starter`. */
  behind(starter: Call | PromiseRecord | null): Scope {
    return new Scope(this.key, this.#name, this.#first, this.#second, starter, true);
  }

  /** Made on demand. */
  label(): string {
    return this.#name(this.#first, this.#second);
  }
}

/** Makes a name of two texts: a function and what it gets, because a closure for each request would cost. */
type Name = (first: string, second: string) => string;

interface Carried {
  scope: Scope;
  atMs: number;
  /** Only as long as requests come seldom. */
  isBrief: boolean;
}

/** More are forgotten, oldest first. */
const MAX_CARRIED = 4096;
const MAX_NAMED = 4096;
/** A callback queued longer ago is not taken for the scope's any more. Milliseconds. */
const CARRY_MS = 5000;

/** The callback that is a scope's, until something else is seen to run; its scope is made when it begins a task. */
let enteredId = -1;
let enteredSegment = -1;
let enteredName: Name | null = null;
let enteredFirst = '';
let enteredSecond = '';
let enteredCarries = false;
let entered: Scope | null = null;
/** Ticks and resources of a scope that goes on after its first callback, by async id. */
const carried = new Map<number, Carried>();
/** Labels of the user's AsyncResources, by async id. */
const named = new Map<number, string>();
let inNamed = false;
let areFew = true;
let forgottenMs = 0;
/** What went on last for a scope. */
let behindLast: Scope | null = null;
let made = 0;
/** Requests count downwards, away from async ids. */
let requests = 0;

/** Whether the callback goes on that is a scope's. */
const isHere = (): boolean => enteredSegment === segmentNow() && enteredId === executionAsyncId();

function enteredScope(name: Name): Scope {
  return (entered ??= new Scope(--requests, name, enteredFirst, enteredSecond, null));
}

function scopeHere(name: Name): Scope {
  const scope = enteredScope(name);
  if (enteredCarries) noteSegment(segmentNow(), lastSeq(), scope);
  return scope;
}

const itself: Name = (label) => label;

function find(): Call | PromiseRecord | null {
  if (inNamed) {
    const id = executionAsyncId();
    const label = named.get(id);
    if (label !== undefined) return new Scope(id, itself, label, '', runningCall());
    inNamed = false;
  }
  if (enteredName !== null && isHere()) return runningCall() ?? scopeHere(enteredName);
  enteredName = null;
  entered = null;
  const running = runningCall();
  const behind = goesOnFor(running);
  if (behind !== null) return behind;
  if (carried.size > 0 && isForgetDue()) forgetScopes();
  if (carried.size > 0) return running ?? carriedHere();
  watchScopes(null);
  return running;
}

/** A tick or resource goes on for the scope: so do the reactions that it makes. */
function carriedHere(): Scope | null {
  const scope = carried.get(executionAsyncId())?.scope;
  if (scope === undefined) return null;
  noteSegment(segmentNow(), lastSeq(), scope);
  return scope;
}

/** A reaction, or call, that the scope's code made goes on: what it begins is for the same request, unless a task of that is shown. */
function goesOnFor(running: Call | PromiseRecord | null): Scope | null {
  const scope = scopeBehindRunning();
  if (scope === null) return null;
  if (behindLast?.key !== scope.key || behindLast.starter !== running) behindLast = scope.behind(running);
  noteSegment(segmentNow(), lastSeq(), behindLast);
  return behindLast;
}

/** The await or reaction that was asked about last, and the answer: its code makes several promises. */
let askedSeq = -1;
let answered: Scope | null = null;

function scopeBehindRunning(): Scope | null {
  const record = runningRecord();
  if (record === null) return null;
  if (record.seq !== askedSeq) {
    askedSeq = record.seq;
    answered = scopeBehind(record);
  }
  return answered;
}

function setBounded<T>(map: Map<number, T>, id: number, value: T, limit: number): void {
  map.delete(id);
  if (map.size >= limit) for (const oldest of map.keys()) if (map.size >= limit) map.delete(oldest);
  map.set(id, value);
}

/** So far. */
export function scopesMade(): number {
  return made;
}

/** The rest of this callback has the name that `name` makes of the texts; with `carries` also what it queues, such as the reading of a request's body; `isBrief`: as long as {@link setFew} says so. */
export function enterScope(name: Name, first: string, second: string, carries: boolean, isBrief: boolean): void {
  enteredId = executionAsyncId();
  enteredSegment = segmentNow();
  enteredName = name;
  enteredFirst = first;
  enteredSecond = second;
  enteredCarries = carries;
  entered = null;
  if (carries) carry(enteredId, enteredScope(name), isBrief);
  watchScopes(find);
}

/** A tick or an AsyncResource is made: it goes on with the scope that carries on; out of a reaction only as long as requests come seldom. */
export function carryScope(id: number): void {
  if (carried.size === 0) return;
  const from = carried.get(executionAsyncId());
  const scope = from?.scope ?? (areFew ? goesOnFor(runningCall()) : null);
  if (scope !== null) carry(id, scope, from?.isBrief ?? true);
}

function carry(id: number, scope: Scope, isBrief: boolean): void {
  if (isForgetDue()) forgetScopes();
  setBounded(carried, id, { scope, atMs: coarseNow(), isBrief }, MAX_CARRIED);
}

/** Whether requests come seldom: to follow all of many would show. */
export function setFew(few: boolean): void {
  // No array for each of them: this comes when a server gets busy.
  if (areFew && !few) carried.forEach(({ isBrief }, id) => isBrief && carried.delete(id));
  areFew = few;
}

/** An AsyncResource with a label was made. */
export function nameResource(id: number, label: string): void {
  setBounded(named, id, label, MAX_NAMED);
}

/** A callback is about to run in the scope of some AsyncResource. */
export function enterResource(): void {
  if (named.size === 0 && carried.size === 0) return;
  inNamed = named.size > 0;
  watchScopes(find);
}

/** Where nobody polls. */
const isForgetDue = (): boolean => coarseNow() - forgottenMs >= CARRY_MS;

/** Lets go of scopes whose callbacks have run long ago. */
export function forgetScopes(): void {
  forgottenMs = coarseNow();
  for (const [id, { atMs }] of carried) {
    if (forgottenMs - atMs < CARRY_MS) break;
    carried.delete(id);
  }
}
