/** Lets the user choose a running process of Node.js, and watches it. */
import * as vscode from 'vscode';
import { messageOf } from '../adapter/asking.ts';
import { nodeProcesses, type NodeProcess } from '../adapter/late/processes.ts';
import { baseName } from '../model/place.ts';
import { DEBUG_TYPE } from '../protocol/dap.ts';

/** Number of the process that was chosen, as text, for `${command:asyncLens.pickProcess}`. */
export async function pickProcess(): Promise<string | undefined> {
  const chosen = await choose();
  return chosen && String(chosen.pid);
}

/** Starts a session of our own, without breakpoints; it fails with a message of its own. */
export async function attachToProcess(): Promise<void> {
  const chosen = await choose();
  if (chosen === undefined) return;
  await vscode.debug.startDebugging(undefined, {
    type: DEBUG_TYPE,
    request: 'attach',
    name: `Async tasks of ${titleOf(chosen)} (${chosen.pid})`,
    processId: chosen.pid,
  });
}

async function choose(): Promise<NodeProcess | undefined> {
  const items = nodeProcesses().then((all) =>
    all.map((each) => ({
      label: titleOf(each),
      description: String(each.pid),
      detail: each.command.join(' '),
      process: each,
    })),
  );
  const options = {
    title: 'Attach to a Running Process',
    placeHolder: 'The process whose tasks are to be shown. Its heap is read once: it stands still for about a second.',
    matchOnDescription: true,
    matchOnDetail: true,
  };
  try {
    return (await vscode.window.showQuickPick(items, options))?.process;
  } catch (error) {
    void vscode.window.showErrorMessage(
      `Async Lens cannot list the processes: ${messageOf(error)}. Set "port" in the launch configuration to that of the inspector.`,
    );
    return undefined;
  }
}

/** Its script, if it has one. */
function titleOf({ command: [program = 'node', ...words] }: NodeProcess): string {
  const script = words.find((word) => !word.startsWith('-'));
  return baseName(script ?? program);
}
