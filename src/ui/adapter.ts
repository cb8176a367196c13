/** Runs the debug adapter in a process of its own, with the editor's Node, so that the extension host never does the heavy work. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { DEBUG_TYPE } from '../protocol/dap.ts';

/** Registers the adapter at `main` and what F5 does for sessions of type `async-lens`. */
export function registerAdapter(main: string): vscode.Disposable {
  const factory: vscode.DebugAdapterDescriptorFactory = {
    createDebugAdapterDescriptor() {
      if (!existsSync(main)) {
        throw new Error(
          `The adapter file ${main} is missing. Install the extension again, or run "npm run build" in a clone.`,
        );
      }
      const env = { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
      return new vscode.DebugAdapterExecutable(process.execPath, [main], { env });
    },
  };
  const provider: vscode.DebugConfigurationProvider = {
    resolveDebugConfiguration(_folder, configuration) {
      if (configuration.type) return configuration;
      return { type: DEBUG_TYPE, request: 'launch', name: 'Async Lens: current file', program: '${file}' };
    },
  };
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, factory),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, provider),
  );
}
