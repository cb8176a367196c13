/** Runs small programs with the agent under an inspector client that asks what runs at every `debugger` statement. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { AGENT_SYMBOL, type AgentAnswers, type AgentRequest, type AgentResult } from '../../src/protocol/agent.ts';
import { agentOption, nodeBinary } from './run-node.ts';

/** Asks the agent of the paused program. */
export type Ask = <R extends AgentRequest>(request: R) => Promise<AgentAnswers[R['request']]>;

interface Message {
  id?: number;
  method?: string;
  params?: { reason?: string };
  result?: { result?: { value?: unknown } };
}

/** Runs `source` (CommonJS) to its end and calls `look` at each `debugger` statement, one after the other; what the program printed. */
export async function runPaused(source: string, look: (ask: Ask) => Promise<void>): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-paused-')));
  const file = join(folder, 'main.cjs');
  writeFileSync(file, source);
  const env = { ...process.env, NODE_OPTIONS: agentOption() };
  const child = spawn(nodeBinary(), ['--inspect-brk=127.0.0.1:0', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  try {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const socket = new WebSocket(await inspectorUrl(child.stderr));
    await once(socket, 'open');
    const send = sender(socket);
    const ask: Ask = async (request) => {
      const expression = `globalThis[Symbol.for('${AGENT_SYMBOL}')].request(${JSON.stringify(JSON.stringify(request))})`;
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true, silent: true });
      const json = JSON.parse(String(answer.result?.result?.value)) as AgentResult<never>;
      if (!json.ok) throw new Error(json.error);
      return json.value;
    };
    const failed = new Promise<never>((_, reject) => {
      const paused = async ({ reason }: { reason?: string }) => {
        if (reason === 'other') await look(ask);
        await send('Debugger.resume');
      };
      socket.on('message', (data: Buffer) => {
        const { method, params = {} } = JSON.parse(data.toString('utf8')) as Message;
        if (method === 'Debugger.paused') paused(params).catch(reject);
        // A program at its end waits for its clients to leave.
        if (method === 'Runtime.executionContextDestroyed') socket.close();
      });
    });
    await send('Runtime.enable');
    await send('Debugger.enable');
    void send('Runtime.runIfWaitingForDebugger');
    await Promise.race([exit, failed]);
    return printed;
  } finally {
    child.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inspectorUrl(stderr: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stderr) {
    text += String(chunk);
    const url = /ws:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`no inspector: ${text}`);
}

function sender(socket: WebSocket): (method: string, params?: object) => Promise<Message> {
  const waiting = new Map<number, (message: Message) => void>();
  let lastId = 0;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  return (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve);
      socket.send(JSON.stringify({ id: lastId, method, params }));
    });
}
