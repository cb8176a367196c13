/**
 * Shows a stop before a blocking call at the line of the call: the breakpoint is in the agent, and VS Code (1.139) shows the frame of a breakpoint even where its
 * file is skipped. Told as another kind of stop, it shows the first frame that is not skipped.
 */
import * as vscode from 'vscode';
import { JS_DEBUG_TYPES } from './js-debug.ts';
import { lensSettings } from './settings.ts';

/** The parts of a DAP event that matter here. */
interface StoppedEvent {
  type?: string;
  event?: string;
  body?: { reason?: string; description?: string; hitBreakpointIds?: unknown[] };
}

/** Without the setting nothing is looked at. */
export function registerShownStops(): vscode.Disposable {
  const factory: vscode.DebugAdapterTrackerFactory = {
    createDebugAdapterTracker: (session) => ({
      onDidSendMessage({ type, event, body }: StoppedEvent) {
        if (type !== 'event' || event !== 'stopped' || body?.reason !== 'breakpoint') return;
        // Breakpoints of the user's have an id; of a slow one it may not be told.
        if (body.hitBreakpointIds?.length !== 0) return;
        if (lensSettings(session.workspaceFolder).stops?.beforeCalls !== true) return;
        body.reason = 'pause';
        body.description = 'Paused before a blocking call';
      },
    }),
  };
  return vscode.Disposable.from(
    ...JS_DEBUG_TYPES.map((type) => vscode.debug.registerDebugAdapterTrackerFactory(type, factory)),
  );
}
