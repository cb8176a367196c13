/** Checks what a client sends: the arguments of launch, attach and the custom requests. Throws `badArguments` and its kin, one sentence each. */
import type { AttachArguments, CustomRequests, LaunchArguments } from '../protocol/dap.ts';
import { isProfilerMode } from '../protocol/profile.ts';
import { RULE_IDS } from '../protocol/report.ts';
import { DEFAULT_SETTINGS, type LensSettings } from '../protocol/settings.ts';
import { asJson, type Json } from './cdp.ts';
import { badArguments, programMissing } from './errors.ts';

/** The launch arguments, checked for shape only; files are looked up by the launcher. */
export function launchArguments(value: unknown): LaunchArguments {
  const args = asJson(value);
  if (args['program'] === undefined || args['program'] === '') throw programMissing();
  for (const name of ['program', 'cwd', 'runtimeExecutable']) optional(args, name, 'a string', isString);
  for (const name of ['args', 'runtimeArgs']) optional(args, name, 'an array of strings', isStrings);
  optional(args, 'env', 'an object of strings (null removes a variable)', isEnvironment);
  checkSettings(args['settings']);
  return args as unknown as LaunchArguments;
}

/** The attach arguments: exactly one way to the program. */
export function attachArguments(value: unknown): AttachArguments {
  const args = asJson(value);
  const ways = ['processId', 'url', 'port', 'proxy'].filter((name) => args[name] !== undefined);
  if (ways.length !== 1) throw badArguments('Give exactly one of "processId", "url", "port" and "proxy"');
  // The editor gives it as text when the user has picked it.
  if (typeof args['processId'] === 'string') args['processId'] = Number(args['processId']);
  optional(args, 'processId', 'the number of a process', isPid);
  optional(args, 'url', 'a WebSocket address such as ws://127.0.0.1:9229/...', isWebSocketUrl);
  optional(args, 'port', 'a port number from 1 to 65535', isPort);
  for (const name of ['host', 'spool', 'threadName']) optional(args, name, 'a string', isString);
  optional(args, 'pollMs', 'a number of milliseconds', isDuration);
  for (const name of ['stepStacks', 'late']) optional(args, name, 'true or false', isBoolean);
  optional(args, 'proxy', 'an object with host, port and path', isProxy);
  checkSettings(args['settings']);
  return args;
}

/** Settings given in part, completed with the defaults. */
export function completeSettings(given: Partial<LensSettings> = {}): LensSettings {
  return {
    stall: { ...DEFAULT_SETTINGS.stall, ...given.stall },
    blockingCall: { ...DEFAULT_SETTINGS.blockingCall, ...given.blockingCall },
    longWait: { ...DEFAULT_SETTINGS.longWait, ...given.longWait },
    rules: { ...DEFAULT_SETTINGS.rules, ...given.rules },
    ...(given.stops === undefined ? {} : { stops: given.stops }),
  };
}

/** The arguments of one custom request. */
export function customArguments<C extends keyof CustomRequests>(
  command: C,
  value: unknown,
): CustomRequests[C]['arguments'] {
  if (value !== undefined && (typeof value !== 'object' || value === null)) {
    throw badArguments(`The arguments of ${command} must be an object`);
  }
  const args = asJson(value);
  if (command === 'asyncLens/snapshot') optional(args, 'fresh', 'true or false', isBoolean);
  if (command === 'asyncLens/retainers') {
    required(args, 'task', 'the number of a task', Number.isInteger);
    optional(args, 'anyway', 'true or false', isBoolean);
  }
  if (command === 'asyncLens/deadAwaits') optional(args, 'anyway', 'true or false', isBoolean);
  if (command === 'asyncLens/debuggerState') required(args, 'paused', 'true or false', isBoolean);
  if (command === 'asyncLens/debuggerState') optional(args, 'stepping', 'true or false', isBoolean);
  if (command === 'asyncLens/evaluating') required(args, 'evaluating', 'true or false', isBoolean);
  if (command === 'asyncLens/settings') {
    required(args, 'settings', 'an object', isObject);
    checkSettings(args['settings']);
  }
  return args;
}

function checkSettings(value: unknown): void {
  if (value === undefined) return;
  if (!isObject(value)) throw badArguments('"settings" must be an object');
  const { stall, blockingCall, longWait, rules, stops } = asJson(value);
  optional(asJson(stops), 'blockedMs', 'a number of milliseconds', isDuration);
  optional(asJson(stops), 'beforeCalls', 'true or false', isBoolean);
  for (const name of ['infoMs', 'warningMs', 'errorMs'])
    optional(asJson(stall), name, 'a number of milliseconds', isDuration);
  optional(asJson(stall), 'profiler', '"auto", "on" or "off"', isProfilerMode);
  for (const name of ['minMs', 'minCount']) optional(asJson(blockingCall), name, 'a positive number', isDuration);
  optional(asJson(longWait), 'minMs', 'a number of milliseconds', isDuration);
  optional(asJson(blockingCall), 'strict', 'true or false', isBoolean);
  for (const rule of RULE_IDS) optional(asJson(rules), rule, '"off", "error", "warning" or "info"', isSeverity);
}

function optional(args: Json, name: string, what: string, check: (value: unknown) => boolean): void {
  if (args[name] !== undefined) required(args, name, what, check);
}

function required(args: Json, name: string, what: string, check: (value: unknown) => boolean): void {
  if (!check(args[name])) throw badArguments(`"${name}" must be ${what}`);
}

const isString = (value: unknown) => typeof value === 'string';
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isStrings = (value: unknown) => Array.isArray(value) && value.every(isString);
const isDuration = (value: unknown) => typeof value === 'number' && value >= 0;
const isPid = (value: unknown) => Number.isInteger(value) && Number(value) > 0;
const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535;
const isWebSocketUrl = (value: unknown) => typeof value === 'string' && /^wss?:\/\/./.test(value);
const isSeverity = (value: unknown) => ['off', 'error', 'warning', 'info'].includes(String(value));
const isEnvironment = (value: unknown) =>
  isObject(value) && Object.values(asJson(value)).every((entry) => entry === null || isString(entry));

function isProxy(value: unknown): boolean {
  const { host, port, path } = asJson(value);
  return isString(host) && isPort(port) && isString(path);
}
