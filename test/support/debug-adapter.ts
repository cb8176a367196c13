/** Starts the debug adapter as a client does, over stdio, and remembers every message in both directions. */
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { buildSync } from 'esbuild';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentText } from '../../scripts/agent-text.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Which agent lies beside the adapter. */
export type AgentKind = 'fake' | 'real' | 'none';

const bundles = new Map<AgentKind, string>();

/** Path of an adapter bundle made from the sources of this moment, in a folder with a space and quotes in its name. */
export function adapterBundle(agent: AgentKind): string {
  const known = bundles.get(agent);
  if (known !== undefined) return known;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `lens 'adapter' ${agent} `)));
  const common = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  const define = { ASYNC_LENS_VERSION: '"0.0.0-test"' };
  const main = join(folder, 'adapter', 'main.js');
  buildSync({ ...common, define, entryPoints: ['src/adapter/main.ts'], outfile: main });
  const outfile = join(folder, 'agent', 'preload.cjs');
  if (agent === 'fake') buildSync({ ...common, define, entryPoints: ['test/support/fake-agent.ts'], outfile });
  if (agent === 'real') {
    mkdirSync(dirname(outfile));
    writeFileSync(outfile, agentText());
  }
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  bundles.set(agent, main);
  return main;
}

/** Path of the agent beside an adapter bundle. */
export function agentBeside(adapter: string): string {
  return join(dirname(adapter), '..', 'agent', 'preload.cjs');
}

/** A client of an adapter process of its own. */
export class AdapterClient extends DebugClient {
  readonly process: ChildProcessWithoutNullStreams;
  readonly messages: DebugProtocol.ProtocolMessage[] = [];
  #unread = Buffer.alloc(0);

  constructor(agent: AgentKind) {
    const main = adapterBundle(agent);
    super(process.execPath, main, 'async-lens');
    this.defaultTimeout = 20_000;
    this.process = spawn(process.execPath, [main]);
    this.process.stderr.pipe(process.stderr);
    this.process.stdout.on('data', (data: Buffer) => this.#record(data));
    this.connect(this.process.stdout, this.process.stdin);
  }

  /** Sends a request that is to fail, and gives its error as `id: text`. */
  async errorOf(command: string, args?: object): Promise<string> {
    try {
      await this.send(command, args);
    } catch {
      const failed = this.lastFailure();
      return failed === undefined ? 'no error' : `${failed.body?.error?.id}: ${failed.message}`;
    }
    return 'no error';
  }

  /** The last answer that was an error. */
  lastFailure(): DebugProtocol.ErrorResponse | undefined {
    return this.messages.findLast(isFailure);
  }

  /** The events of one kind so far. */
  eventsOf(name: string): DebugProtocol.Event[] {
    return this.messages.filter(isEvent).filter(({ event }) => event === name);
  }

  /** Waits for the first event of one kind that fits, also one that has been already. */
  async event(name: string, fits: (body: unknown) => boolean = () => true): Promise<DebugProtocol.Event> {
    for (;;) {
      const found = this.eventsOf(name).find(({ body }) => fits(body));
      if (found !== undefined) return found;
      await this.waitForEvent(name);
    }
  }

  /** All text of one output category so far. */
  output(category: string): string {
    const bodies = this.eventsOf('output').map(({ body }) => body as DebugProtocol.OutputEvent['body']);
    return bodies.map((body) => (body.category === category ? body.output : '')).join('');
  }

  /** Ends the session politely and waits until the adapter is gone. */
  override async stop(): Promise<void> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.process, 'exit');
    void this.disconnectRequest().catch(() => undefined); // it may be ending at this moment
    await gone;
  }

  #record(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (;;) {
      const end = this.#unread.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(this.#unread.toString('utf8', 0, Math.max(0, end)))?.[1]);
      if (end < 0 || this.#unread.length < end + 4 + length) return;
      const text = this.#unread.toString('utf8', end + 4, end + 4 + length);
      this.messages.push(JSON.parse(text) as DebugProtocol.ProtocolMessage);
      this.#unread = this.#unread.subarray(end + 4 + length);
    }
  }
}

/** A client of an adapter that has introduced itself. */
export async function newClient(agent: AgentKind): Promise<AdapterClient> {
  const client = new AdapterClient(agent);
  await client.initializeRequest();
  return client;
}

function isEvent(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.Event {
  return message.type === 'event';
}

function isFailure(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.ErrorResponse {
  return message.type === 'response' && 'success' in message && message.success === false;
}
