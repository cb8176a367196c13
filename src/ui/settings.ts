/** Reads the settings of the extension, as the adapter wants them. */
import * as vscode from 'vscode';
import { isProfilerMode } from '../protocol/profile.ts';
import { RULE_IDS } from '../protocol/report.ts';
import type { Severity } from '../protocol/report.ts';
import { DEFAULT_SETTINGS } from '../protocol/settings.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { CREATION_STACKS_VARIABLE } from '../protocol/tasks.ts';

/** Section of all settings. */
export const SECTION = 'asyncLens';

/** Whether Async Lens joins sessions of that folder. */
export function isEnabled(scope: vscode.ConfigurationScope | undefined): boolean {
  return vscode.workspace.getConfiguration(SECTION, scope ?? null).get<boolean>('enabled', true);
}

/** The variable that has the agent take down where tasks are started; none when the setting is off. */
export function creationStacks(scope: vscode.ConfigurationScope | undefined): Record<string, string> {
  const mode = vscode.workspace.getConfiguration(SECTION, scope ?? null).get<unknown>('creationStacks');
  return mode === 'all' || mode === 'sampled' ? { [CREATION_STACKS_VARIABLE]: mode } : {};
}

/** Whether the messages of the adapter are logged. */
export function isTracing(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get<boolean>('trace', false);
}

/** Thresholds and rules of that folder; values of a wrong type fall back to the default. */
export function lensSettings(scope: vscode.ConfigurationScope | undefined): LensSettings {
  const section = vscode.workspace.getConfiguration(SECTION, scope ?? null);
  const number = (key: string, fallback: number): number => {
    const value = section.get<unknown>(key);
    return typeof value === 'number' && value >= 0 ? value : fallback;
  };
  const { stall, blockingCall, longWait } = DEFAULT_SETTINGS;
  return {
    stall: {
      infoMs: number('stall.infoMs', stall.infoMs),
      warningMs: number('stall.warningMs', stall.warningMs),
      errorMs: number('stall.errorMs', stall.errorMs),
      ...profilerOf(section.get<unknown>('stall.profiler')),
    },
    blockingCall: {
      minMs: number('blockingCall.minMs', blockingCall.minMs),
      minCount: number('blockingCall.minCount', blockingCall.minCount),
      strict: section.get<unknown>('blockingCall.strict') === true,
    },
    longWait: { minMs: number('longWait.minMs', longWait.minMs) },
    rules: ruleSeverities(section.get<unknown>('rules')),
    ...stopsOf(section.get<unknown>('breakOnStall'), section.get<unknown>('breakBeforeBlockingCall')),
  };
}

/** Those of a worker thread: to block it is what it is for, and it is stopped only where that was asked for. */
export function workerSettings(settings: LensSettings, scope: vscode.ConfigurationScope | undefined): LensSettings {
  const { stall, blockingCall, longWait, rules, stops } = settings;
  const isStopped =
    vscode.workspace.getConfiguration(SECTION, scope ?? null).get<unknown>('breakOnStallInWorkers') === true;
  const inStalls = isStopped && stops?.blockedMs !== undefined ? { stops: { blockedMs: stops.blockedMs } } : {};
  const off = { 'event-loop-stall': 'off', 'blocking-call': 'off', 'microtask-starvation': 'off' } as const;
  return { stall: { ...stall, profiler: 'off' }, blockingCall, longWait, rules: { ...rules, ...off }, ...inStalls };
}

function profilerOf(mode: unknown): Pick<LensSettings['stall'], 'profiler'> {
  return isProfilerMode(mode) ? { profiler: mode } : {};
}

function stopsOf(blockedMs: unknown, beforeCalls: unknown): Pick<LensSettings, 'stops'> {
  const stops = {
    ...(typeof blockedMs === 'number' && blockedMs > 0 ? { blockedMs } : {}),
    ...(beforeCalls === true ? { beforeCalls } : {}),
  };
  return Object.keys(stops).length === 0 ? {} : { stops };
}

function ruleSeverities(value: unknown): LensSettings['rules'] {
  const rules: LensSettings['rules'] = {};
  if (typeof value !== 'object' || value === null) return rules;
  const given = new Map<string, unknown>(Object.entries(value));
  for (const rule of RULE_IDS) {
    const severity = given.get(rule);
    if (isSeverity(severity)) rules[rule] = severity;
  }
  return rules;
}

function isSeverity(value: unknown): value is Severity | 'off' {
  return value === 'error' || value === 'warning' || value === 'info' || value === 'off';
}
