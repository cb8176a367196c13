/** The debug adapter: translates the debug adapter protocol to what the observer knows of the program. */
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Event, ExitedEvent, InitializedEvent, OutputEvent, TerminatedEvent, ThreadEvent } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { chainsOf, type ChainTask } from '../model/chains.ts';
import type { ProcessEnd } from '../model/program.ts';
import type { CustomEvents } from '../protocol/dap.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { attachArguments, completeSettings, launchArguments } from './arguments.ts';
import { asJson } from './cdp.ts';
import { answerCustom } from './custom.ts';
import { badArguments, notConnected } from './errors.ts';
import { HELD_THREAD, heldFrames, heldThreads } from './held-thread.ts';
import { createObserver, type Observer } from './observer.ts';
import { createPauseTeller } from './pause-teller.ts';
import { createSources } from './source-maps.ts';
import { toStackFrames } from './stack-frames.ts';
import { framesOfTask, threadsOf, type TaskThread } from './threads.ts';
import { newTaskVariables } from './variables.ts';
import { WatchOnlySession } from './watch-only-session.ts';
import { attachAndWatch, launchAndWatch, type Watched } from './watch.ts';

/** What the composition root knows. */
export interface SessionOptions {
  agentFile: string;
  version: string;
}

/** The client drops the session with the `terminated` event: it gets this long to read the end state before. */
const LAST_LOOK_MS = 1000;
/** A client that greets and then starts nothing has dropped the session: editors do so when the program to join ends at that moment. */
const FIRST_REQUEST_MS = 10_000;

/** One debug session: one program. */
export class LensSession extends WatchOnlySession {
  readonly #options: SessionOptions;
  readonly #sources = createSources();
  readonly #variables = newTaskVariables(() => this.#observer);
  #observer: Observer | undefined;
  #starting: Promise<Watched> | undefined;
  #watched: Watched | undefined;
  #threads = new Set<number>();
  readonly #pauses = createPauseTeller((event) => this.sendEvent(event));
  #unused: NodeJS.Timeout | undefined;
  readonly #left = new AbortController();
  #endSeen: () => void = () => undefined;
  /** What the client has not asked for since the end: it may ask for the one only when it has seen the other. */
  readonly #unseen = new Set(['asyncLens/snapshot', 'asyncLens/report']);

  constructor(options: SessionOptions) {
    super();
    this.#options = options;
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
  }

  /** Ends what was launched, then this process. */
  override shutdown(): void {
    this.#watched?.stopNow();
    this.#starting?.then((watched) => watched.stopNow()).catch(() => undefined); // it did not start
    super.shutdown();
  }

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    const capabilities = {
      supportsConfigurationDoneRequest: true,
      supportsTerminateRequest: true,
      asyncLens: { version: 1 },
    };
    response.body = capabilities;
    this.sendResponse(response);
    this.sendEvent(new InitializedEvent());
    this.#unused = setTimeout(() => this.shutdown(), FIRST_REQUEST_MS);
  }

  protected override launchRequest(response: DebugProtocol.LaunchResponse, args: unknown): void {
    void this.answer(response, () => this.#start(launchArguments(args), launchAndWatch));
  }

  protected override attachRequest(response: DebugProtocol.AttachResponse, args: unknown): void {
    // A companion of the editor's own debugger must not get in the user's way: the editor tells the reason in its view.
    const showUser = asJson(args)['proxy'] === undefined;
    void this.answer(response, () => this.#start(attachArguments(args), attachAndWatch), showUser);
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    this.#left.abort();
    void this.answer(response, async () => {
      const watched = this.#watched ?? (await this.#starting?.catch(() => undefined));
      await watched?.stop();
    }).then(() => this.shutdown());
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    void this.answer(response, () => {
      if (this.#watched === undefined) throw notConnected();
      this.#watched.terminate();
    });
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    response.body = { threads: this.#allThreads() };
    this.sendResponse(response);
    this.#pauses.threadsTold();
  }

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
  ): void {
    void this.answer(response, () => {
      const place = (line: number, column: number) => ({
        line: this.convertDebuggerLineToClient(line),
        column: this.convertDebuggerColumnToClient(column),
      });
      const held = this.#observer?.program;
      if (threadId === HELD_THREAD && held !== undefined) {
        const stackFrames = heldFrames(held, this.#sources, place);
        const end = levels > 0 ? startFrame + levels : undefined;
        response.body = { stackFrames: stackFrames.slice(startFrame, end), totalFrames: stackFrames.length };
        return;
      }
      const task = this.#tasks().find(({ node }) => node.id === threadId);
      if (task === undefined) throw badArguments(`There is no pending task ${threadId} any more`);
      const frames = framesOfTask(task, this.#sources);
      const wanted = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
      response.body = {
        stackFrames: toStackFrames(wanted, place, this.#variables.frameOf),
        totalFrames: frames.length,
      };
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    void this.answer(response, async () => {
      response.body = { scopes: await this.#variables.scopes(frameId) };
    });
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    { variablesReference }: DebugProtocol.VariablesArguments,
  ): void {
    void this.answer(response, async () => {
      response.body = { variables: await this.#variables.variables(variablesReference) };
    });
  }

  protected override customRequest(command: string, response: DebugProtocol.Response, args: unknown): void {
    void this.answer(response, async () => {
      response.body = await answerCustom(command, args, this.#observer);
    }).then(() => {
      if (this.#observer?.program.exit === undefined) return;
      this.#unseen.delete(command);
      if (this.#unseen.size === 0) this.#endSeen();
    });
  }

  async #start<A extends { settings?: Partial<LensSettings> }>(
    args: A,
    watch: (args: A, context: Parameters<typeof launchAndWatch>[1]) => Promise<Watched>,
  ): Promise<void> {
    clearTimeout(this.#unused);
    if (this.#starting !== undefined) throw badArguments('This session has a program already; start another session');
    const observer = createObserver(this.#sources, this.#options.version, completeSettings(args.settings), {
      changed: (body) => this.#tell('asyncLens/changed', body),
      stall: (body) => this.#tell('asyncLens/stall', body),
      refreshed: (paused) => this.#refreshed(paused),
      resumed: () => this.#resumed(),
    });
    this.#observer = observer;
    const output = (category: string, text: string) => {
      if (text !== '') this.sendEvent(new OutputEvent(text, category));
    };
    try {
      this.#starting = watch(args, {
        agentFile: this.#options.agentFile,
        observer,
        left: this.#left.signal,
        output,
      });
      this.#watched = await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      this.#observer = undefined;
      throw error;
    }
    const { ended } = this.#watched;
    const seen = new Promise<void>((resolve) => {
      this.#endSeen = resolve;
    });
    void ended.then((end) => this.#finish(end, seen));
  }

  async #finish({ code, signal }: ProcessEnd, seen: Promise<void>): Promise<void> {
    if (!this.#left.signal.aborted) await Promise.race([seen, delay(LAST_LOOK_MS)]);
    const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
    const exitCode = code ?? (number === undefined ? undefined : 128 + number);
    if (exitCode !== undefined) this.sendEvent(new ExitedEvent(exitCode));
    this.sendEvent(new TerminatedEvent());
  }

  #refreshed(paused: boolean): void {
    const before = this.#threads;
    this.#threads = new Set(this.#allThreads().map(({ id }) => id));
    for (const id of this.#threads) if (!before.has(id)) this.sendEvent(new ThreadEvent('started', id));
    for (const id of before) if (!this.#threads.has(id)) this.sendEvent(new ThreadEvent('exited', id));
    const [first] = this.#threads;
    if (paused && first !== undefined) this.#pauses.stopped(first);
  }

  #resumed(): void {
    this.#variables.reset();
    this.#pauses.resumed(() => {
      if (this.#threads.delete(HELD_THREAD)) this.sendEvent(new ThreadEvent('exited', HELD_THREAD));
    });
  }

  #allThreads(): TaskThread[] {
    const program = this.#observer?.program;
    return [...(program === undefined ? [] : heldThreads(program, this.#sources)), ...threadsOf(this.#tasks())];
  }

  #tasks(): readonly ChainTask[] {
    const snapshot = this.#observer?.program.snapshot;
    return snapshot === undefined ? [] : chainsOf(snapshot, this.#sources);
  }

  #tell<E extends keyof CustomEvents>(event: E, body: CustomEvents[E]): void {
    this.sendEvent(new Event(event, body));
  }
}
