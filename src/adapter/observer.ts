/** Keeps the state of one observed program up to date and answers what the client asks of it, also after the program has ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../protocol/agent.ts';
import type { AsyncStack } from '../protocol/async-stack.ts';
import type { CustomEvents, DeadAwaitSearch, LensView, Retainers } from '../protocol/dap.ts';
import type { Report } from '../protocol/report.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { runRules } from '../model/findings.ts';
import type { ProcessEnd, Program } from '../model/program.ts';
import { addEvaluation, type Evaluation } from '../model/stalls/evaluations.ts';
import { applyEvent, applyPoll, applySnapshot, endProgram, newProgram, openStall } from '../model/program.ts';
import { buildReport } from '../model/report/report.ts';
import { buildView } from '../model/view.ts';
import type { AgentLink, LinkListener } from './agent-link.ts';
import type { HeapReader } from './heap/reader.ts';
import { newDeadAwaitSearches } from './dead-awaits.ts';
import { retainersOf } from './retainers.ts';
import { asLoaded, type FileSources } from './source-maps.ts';
import { createStallTeller } from './stall-teller.ts';

/** What the client is told without asking. */
export interface Client {
  changed(body: CustomEvents['asyncLens/changed']): void;
  stall(body: CustomEvents['asyncLens/stall']): void;
  /** A new state is there; `paused`: the debugger holds the program and this is its state of that moment. */
  refreshed(paused: boolean): void;
  resumed(): void;
}

export interface Observer {
  program: Program;
  /** To be given to the link. */
  listener: LinkListener;
  connect(link: AgentLink): void;
  /** The state of now when `fresh` or when the last one is out of date and the program answers soon; else the last one. */
  view(fresh: boolean): Promise<LensView>;
  report(): Promise<Report>;
  /** Who can settle what a task waits for; `anyway`: also when it takes long to find out. */
  retainers(task: number, anyway: boolean): Promise<Retainers>;
  /** Looks for awaits that can never go on; `anyway`: also when the program stands still for long. */
  deadAwaits(anyway: boolean): Promise<DeadAwaitSearch>;
  /** The objects of the program; undefined while it is not connected. */
  heap(): HeapReader | undefined;
  /** The debugger has stopped the program, or let it go; `stepping`: to stop again soon. */
  setPaused(paused: boolean, stepping?: boolean): Promise<void>;
  /** The debugger evaluates an expression in the program, or has done so. */
  setEvaluating(evaluating: boolean): void;
  setSettings(settings: LensSettings): void;
  /** The program is gone; the last state stays. */
  end(end: ProcessEnd, events: AgentEvent[]): void;
}

/** Shortest time between two `asyncLens/changed` events, milliseconds; longer when the program takes long to answer. */
const CHANGED_MS = 500;
/** Ages grow without anything happening: a state this old is out of date. */
const STALE_MS = 1000;
/** A program that has not answered for so long is not waited for. Milliseconds. */
const SILENT_MS = 100;
/** How long an answer may wait for a new state. */
const FRESH_WAIT_MS = 2000;
const WAIT_MS = 300;
/**
 * A debugger that steps out of skipped files stops again and again on its way, each time for a moment: a stop of which the editor has said nothing for so long counts.
 * To look at each would make promises, and V8 tells Node of the end of each, in code that is skipped: the step would never arrive. Milliseconds.
 */
const PASSING_MS = 500;
/** A snapshot may cost the program at most this share of its time, as a divisor. */
const DUTY = 10;

/** Observes a program that is not connected yet. `version` is the tool's, for reports. */
export function createObserver(files: FileSources, version: string, initial: LensSettings, client: Client): Observer {
  const program = newProgram();
  const sources = asLoaded(files, () => program.hello?.startTime);
  let settings = initial;
  let link: AgentLink | undefined;
  let paused = false;
  /** The connection tells of a stop, the editor has not yet. */
  let passing: NodeJS.Timeout | undefined;
  let passed: (() => void)[] = [];
  let revision = 0;
  let seenActivity: number | undefined;
  let toldActivity: number | undefined;
  let takenAt = -Infinity;
  let tookMs = 0;
  let lastChanged = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  let resting = false;
  let ageing: NodeJS.Timeout | undefined;
  let silent = false;
  let refreshing: Promise<void> | undefined;
  let evaluation: Evaluation | undefined;
  const searches = newDeadAwaitSearches({
    link: () => link,
    program,
    isPaused: () => paused,
    isBlocked: () => silent || program.blocking !== undefined || openStall(program) !== undefined,
    refresh: refreshAnew,
    findings: () => runRules(program, settings, sources),
    told: touch,
  });
  const teller = createStallTeller(program, sources, () => settings, client.stall);

  const state = (): LensView['state'] => (program.exit !== undefined ? 'ended' : paused ? 'paused' : 'running');

  function tell(): void {
    clearTimeout(timer);
    timer = undefined;
    lastChanged = performance.now();
    asked = false;
    toldActivity = program.activity;
    client.changed({ revision: ++revision, state: state() });
  }

  function touch(): void {
    if (timer !== undefined || program.exit !== undefined) return;
    const pause = Math.max(CHANGED_MS, DUTY * tookMs);
    timer = setTimeout(tell, Math.max(0, lastChanged + pause - performance.now()));
  }

  /** While the program rests there are no polls to say that ages have grown. */
  function growOld(): void {
    clearTimeout(ageing);
    if (asked && resting) ageing = setTimeout(touch, Math.max(0, lastChanged + STALE_MS - performance.now()));
  }

  async function ask(from: AgentLink): Promise<void> {
    const askedPaused = paused;
    const [held, { snapshot, workMs }] = await Promise.all([askedPaused ? heldBy(from) : undefined, from.snapshot()]);
    if (link !== from) return;
    takenAt = performance.now();
    tookMs = workMs;
    seenActivity = program.activity;
    const isHeld = askedPaused && paused;
    applySnapshot(program, snapshot);
    delete program.held;
    if (isHeld && held !== undefined) program.held = held;
    client.refreshed(isHeld);
  }

  function refresh(): Promise<void> {
    if (link === undefined) return Promise.resolve();
    refreshing ??= ask(link)
      .catch(() => undefined) // the program is ending: its last state is the answer
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  /** What is under way was asked before the pause. */
  async function refreshAnew(): Promise<void> {
    await refreshing;
    await refresh();
  }

  function outOfDate(): boolean {
    if (paused || silent || passing !== undefined) return false;
    const age = performance.now() - takenAt;
    return age >= STALE_MS || (program.activity !== seenActivity && age >= DUTY * tookMs);
  }

  async function update(fresh: boolean): Promise<void> {
    asked = true;
    growOld();
    if (passing !== undefined) await new Promise<void>((resolve) => passed.push(resolve));
    const none = program.snapshot === undefined;
    if (link === undefined || !(fresh || none || outOfDate())) return;
    const waitMs = (fresh || none) && !silent ? FRESH_WAIT_MS : WAIT_MS;
    await Promise.race([refresh(), delay(waitMs, undefined, { ref: false })]);
  }

  const listener: LinkListener = {
    onEvents(events) {
      for (const event of events) {
        // Asked before the pause was known, answered in there.
        if ((paused || passing !== undefined) && event.event === 'stall' && event.stall.open) continue;
        applyEvent(program, event);
        if (event.event === 'blocking-begin') teller.began();
      }
      teller.tell();
      touch();
    },
    onPoll(answer) {
      silent = false;
      resting = answer.rest !== undefined;
      applyPoll(program, answer);
      teller.answered(answer.idle === true);
      if (answer.activity !== toldActivity || (asked && performance.now() - lastChanged >= STALE_MS)) touch();
      growOld();
    },
    onSilence(ms) {
      if (evaluation?.endMs === Infinity) return;
      teller.silent(ms);
      if (ms < SILENT_MS) return;
      silent = true;
      touch();
    },
    onDebugger(value) {
      if (!value && paused) return void setPaused(false);
      if (paused || value === (passing !== undefined) || program.exit !== undefined) return;
      forgetPassing();
      link?.setPaused(value);
      if (value) passing = setTimeout(() => void setPaused(true), PASSING_MS);
    },
  };

  function forgetPassing(): void {
    clearTimeout(passing);
    passing = undefined;
    const waiting = passed;
    passed = [];
    for (const resolve of waiting) resolve();
  }

  async function setPaused(value: boolean, stepping?: boolean): Promise<void> {
    // Of the stop that the connection knows the editor has said nothing yet: that the program goes on is said of the one before.
    if (!value && passing !== undefined) return;
    forgetPassing();
    // Told twice, by the editor and by the connection, in any order; only the editor knows the command.
    if (!value && stepping !== undefined) link?.setPaused(value, stepping);
    if (value === paused || program.exit !== undefined) return;
    paused = value;
    silent = false;
    link?.setPaused(value);
    if (!value) {
      delete program.held;
      client.resumed();
      searches.resumed();
    } else await Promise.race([refreshAnew(), delay(FRESH_WAIT_MS, undefined, { ref: false })]);
    if (paused === value && program.exit === undefined) tell();
  }

  return {
    program,
    listener,
    setPaused,
    connect(opened) {
      link = opened;
      program.hello = opened.hello;
      // The connection has told of stops since before it was a link.
      opened.setPaused(paused || passing !== undefined);
      opened.setStops(settings.stops);
      opened.setProfiler(settings.stall.profiler ?? 'auto');
      void refresh().then(touch);
    },
    async view(fresh) {
      await update(fresh);
      return buildView(program, sources, { revision, paused, settings });
    },
    async report() {
      await update(true);
      return buildReport(program, runRules(program, settings, sources), sources, { toolVersion: version });
    },
    heap: () => link?.heap,
    retainers: (task, anyway) => retainersOf(link?.heap, task, { anyway: anyway || paused, sources }),
    deadAwaits: searches.search,
    setEvaluating(value) {
      const atMs = Date.now() - (program.hello?.startTime ?? Infinity);
      if (value) evaluation = addEvaluation(program.evaluations, atMs);
      else if (evaluation !== undefined) evaluation.endMs = atMs;
    },
    setSettings(value) {
      settings = value;
      link?.setStops(settings.stops);
      link?.setProfiler(settings.stall.profiler ?? 'auto');
      touch();
    },
    end(end, events) {
      for (const event of events) applyEvent(program, event);
      endProgram(program, end);
      link = undefined;
      paused = false;
      resting = false;
      clearTimeout(ageing);
      forgetPassing();
      teller.tell();
      tell();
    },
  };
}

/** Undefined when the program doesn't answer: its state counts without it. */
async function heldBy(link: AgentLink): Promise<AsyncStack | undefined> {
  try {
    return await link.asyncStack();
  } catch {
    return undefined; // as said above
  }
}
