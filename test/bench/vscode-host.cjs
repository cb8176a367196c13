/** Runs in the extension host of the VS Code under measurement: starts and ends debug sessions as the bench asks, one at a time. */
const { connect } = require('node:net');
const { createInterface } = require('node:readline');
const vscode = require('vscode');

/** The next session that `wanted` holds for; `event` is that of its start or of its end. */
function next(event, wanted) {
  return new Promise((resolve) => {
    const subscription = event((session) => {
      if (!wanted(session)) return;
      subscription.dispose();
      resolve(session);
    });
  });
}

async function start({ configuration, joined }) {
  const companion = joined ? next(vscode.debug.onDidStartDebugSession, ({ type }) => type === 'async-lens') : undefined;
  const [folder] = vscode.workspace.workspaceFolders;
  if (!(await vscode.debug.startDebugging(folder, configuration)))
    throw new Error(`${configuration.name} did not start`);
  await companion;
}

async function stop() {
  const ended = next(vscode.debug.onDidTerminateDebugSession, ({ parentSession }) => parentSession === undefined);
  await vscode.debug.stopDebugging();
  await ended;
}

const commands = { start, stop };

async function answer(socket, { id, command, argument }) {
  try {
    await commands[command](argument);
    socket.write(`${JSON.stringify({ id })}\n`);
  } catch (error) {
    socket.write(`${JSON.stringify({ id, error: String(error) })}\n`);
  }
}

/** Called by VS Code; resolves when the bench closes the connection. */
exports.run = async () => {
  await vscode.commands.executeCommand('asyncLens.focus');
  const socket = connect(Number(process.env.ASYNC_LENS_BENCH_PORT), '127.0.0.1');
  createInterface({ input: socket }).on('line', (line) => void answer(socket, JSON.parse(line)));
  await new Promise((resolve) => socket.once('close', resolve));
};
