/** Prepares the debug sessions the user starts anyway: adds the agent and a folder for its events to a Node program's launch. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { variableKey, withAgent } from '../adapter/node-options.ts';
import { SPOOL_VARIABLE } from '../protocol/agent.ts';
import { asyncStackOptions } from './async-stacks.ts';
import { hasDebugger, isTargetConfiguration, JS_DEBUG_TYPES } from './js-debug.ts';
import { variableOf } from './node-options.ts';
import type { Environment } from './node-options.ts';
import { otherRuntime } from './runtime.ts';
import { creationStacks, isEnabled } from './settings.ts';
import type { Spools } from './spool-folder.ts';
import type { Store } from './state.ts';

interface Parts {
  /** Path of the agent's file. */
  agent: string;
  store: Store;
  spools: Spools;
  log: vscode.LogOutputChannel;
}

/** Registers the provider for the JavaScript debugger's Node types. The session of a user always starts, with the agent or without. */
export function registerConfiguration(parts: Parts): vscode.Disposable {
  const told = new Set<string>();
  const tellOnce = (message: string): void => {
    parts.log.error(message);
    if (told.has(message)) return;
    told.add(message);
    void vscode.window.showErrorMessage(message);
  };
  const provider: vscode.DebugConfigurationProvider = {
    resolveDebugConfigurationWithSubstitutedVariables(folder, configuration) {
      if (isTargetConfiguration(configuration)) return configuration;
      try {
        return prepare(parts, folder, configuration, tellOnce);
      } catch (error) {
        tellOnce(`Async Lens could not join "${configuration.name}": ${String(error)}. It runs without Async Lens.`);
        return configuration;
      }
    },
  };
  const missing: vscode.DebugConfigurationProvider = {
    resolveDebugConfiguration(_folder, configuration) {
      if (hasDebugger(configuration.type)) return configuration;
      // The editor would only say that it cannot find an adapter, so the session ends here, with the reason.
      void vscode.window.showErrorMessage(
        'Node.js programs cannot be debugged, and Async Lens cannot join: the built-in extension "JavaScript Debugger" is disabled. Enable it in the Extensions view.',
      );
      return undefined;
    },
  };
  return vscode.Disposable.from(
    ...JS_DEBUG_TYPES.map((type) => vscode.debug.registerDebugConfigurationProvider(type, provider)),
    ...['node', ...JS_DEBUG_TYPES].map((type) => vscode.debug.registerDebugConfigurationProvider(type, missing)),
  );
}

function prepare(
  { agent, store, spools, log }: Parts,
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
  tellOnce: (message: string) => void,
): vscode.DebugConfiguration {
  const skip = (reason: string): vscode.DebugConfiguration => {
    log.info(`"${configuration.name}" runs without Async Lens: ${reason}.`);
    store.note(`${configuration.name}: ${reason}`);
    return configuration;
  };
  store.beginSession();
  if (configuration['noDebug'] === true) return configuration;
  if (!isEnabled(folder)) {
    log.info(`"${configuration.name}" runs without Async Lens: the setting "asyncLens.enabled" is off.`);
    return configuration;
  }
  if (configuration['asyncLens'] === false) return skip('switched off by "asyncLens": false in this configuration');
  const runtime = otherRuntime(configuration['runtimeExecutable']);
  if (runtime !== undefined) return skip(`${runtime} is not Node.js, and Async Lens sees into Node.js only`);
  if (!existsSync(agent)) {
    tellOnce(
      `Async Lens: its agent file ${agent} is missing. Install the extension again, or run "npm run build" in a clone. "${configuration.name}" runs without Async Lens.`,
    );
    return skip('the agent file is missing');
  }
  const skipFiles = [...(stringsOf(configuration['skipFiles']) ?? ['<node_internals>/**']), ...filesOf(agent)];
  if (configuration.request !== 'launch') return { ...configuration, skipFiles };
  const key = [folder?.uri.toString(), configuration.type, configuration.name].join('\n');
  return {
    ...configuration,
    ...asyncStackOptions(folder, configuration),
    skipFiles,
    env: { ...environment(configuration, agent, spools.folderOf(key)), ...creationStacks(folder) },
  };
}

/** As the program's own paths of them are, too: Node follows links, such as that of a linked home folder or of macOS's /var. */
function filesOf(agent: string): string[] {
  const gates = new Set([agent, followed(agent)]);
  return [...gates].flatMap((gate) => [gate, join(dirname(gate), 'agent.cjs')]);
}

/** By the function that Node's loader takes: another one may know the drive by another name. */
function followed(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // Some drives in memory can't tell.
  }
}

function environment(configuration: vscode.DebugConfiguration, agent: string, spool: string): Environment {
  const given: unknown = configuration['env'];
  const env: Environment = typeof given === 'object' && given !== null ? { ...given } : {};
  const key = variableKey(env, 'NODE_OPTIONS', process.platform);
  const existing = key in env ? env[key] : fromEnvFile(configuration['envFile']);
  return {
    ...env,
    [key]: withAgent(agent, existing ?? undefined),
    [SPOOL_VARIABLE]: spool,
  };
}

/** `env` wins over `envFile` as a whole variable, so what the file says about `NODE_OPTIONS` has to be carried over. */
function fromEnvFile(path: unknown): string | undefined {
  if (typeof path !== 'string' || !existsSync(path)) return undefined;
  return variableOf(readFileSync(path, 'utf8'), 'NODE_OPTIONS');
}

function stringsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}
