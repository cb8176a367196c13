/** Bad input of every kind: one coded error with a sentence that says what to do, and an adapter that can still be used. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERROR_CODES } from '../../src/protocol/dap.ts';
import { AdapterClient, agentBeside, adapterBundle, type AgentKind } from '../support/debug-adapter.ts';
import { startFakeProxy } from '../support/fake-proxy.ts';

describe('a launch that cannot work', function () {
  this.timeout(30_000);
  let folder: string;
  let program: string;
  let client: AdapterClient | undefined;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-errors-')));
    program = file('app.cjs', 'console.log("ran")');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => client?.stop());

  function file(name: string, text: string, mode = 0o644): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  async function launch(args: object, agent: AgentKind = 'fake'): Promise<string> {
    client = new AdapterClient(agent);
    await client.initializeRequest();
    return client.errorOf('launch', args);
  }

  it('for lack of a program', async () => {
    const expected = `${ERROR_CODES.programMissing}: Set "program" in the launch configuration to the JavaScript or TypeScript file to run.`;
    assert.equal(await launch({}), expected);
  });

  it('because there is no such program', async () => {
    const missing = join(folder, 'nowhere {_x}.js');
    assert.equal(
      await launch({ program: missing }),
      `${ERROR_CODES.programNotFound}: There is no program at ${missing}. Correct "program" (or "cwd") in the launch configuration.`,
    );
  });

  it('because there is no such folder', async () => {
    const cwd = join(folder, 'nowhere');
    const expected = `${ERROR_CODES.badArguments}: There is no folder ${cwd}; correct "cwd" in the launch configuration.`;
    assert.equal(await launch({ program, cwd }), expected);
  });

  it('because there is no such runtime', async () => {
    assert.equal(
      await launch({ program, runtimeExecutable: 'no-such-node' }),
      `${ERROR_CODES.runtimeNotFound}: Cannot run "no-such-node". Install Node.js, or set "runtimeExecutable" to its full path.`,
    );
  });

  it('because Node is too old', async function () {
    if (process.platform === 'win32') this.skip();
    const old = file('old-node', '#!/bin/sh\necho v18.20.4\n', 0o755);
    assert.equal(
      await launch({ program, runtimeExecutable: old }),
      `${ERROR_CODES.nodeTooOld}: Async Lens needs Node.js 20 or later, and the program's is v18.20.4. Set "runtimeExecutable" to a newer one.`,
    );
  });

  it('because the runtime is not Node', async function () {
    if (process.platform === 'win32') this.skip();
    const bun = file('bun', '#!/bin/sh\necho 1.2.3\n', 0o755);
    const expected = `${ERROR_CODES.badArguments}: "runtimeExecutable" must be Node.js, and ${bun} is something else.`;
    assert.equal(await launch({ program, runtimeExecutable: bun }), expected);
  });

  it('because the agent is missing', async () => {
    const agent = agentBeside(adapterBundle('none'));
    const expected = `${ERROR_CODES.agentMissing}: The file ${agent} of Async Lens is missing. Install Async Lens again.`;
    assert.equal(await launch({ program }, 'none'), expected);
  });

  it('because Node refuses an option', async () => {
    assert.equal(
      await launch({ program, runtimeArgs: ['--no-such-option'] }),
      `${ERROR_CODES.launchFailed}: The program could not be started: node ended with exit code 9 before the program began.`,
    );
    assert.match(client?.output('stderr') ?? '', /bad option: --no-such-option/);
  });

  it('because an argument has the wrong type', async () => {
    const cases: [object, string][] = [
      [{ program: 7 }, '"program" must be a string'],
      [{ program, args: 'x' }, '"args" must be an array of strings'],
      [{ program, env: { A: 1 } }, '"env" must be an object of strings (null removes a variable)'],
      [{ program, settings: { stall: { infoMs: 'soon' } } }, '"infoMs" must be a number of milliseconds'],
    ];
    for (const [args, message] of cases) {
      assert.equal(await launch(args), `${ERROR_CODES.badArguments}: ${message}.`);
      await client?.stop();
    }
  });

  it('and leaves the session usable', async () => {
    await launch({});
    await client?.send('launch', { program });
    await client?.event('terminated');
    assert.equal(client?.output('stdout'), 'ran\n');
  });
});

describe('a request that cannot be answered', function () {
  this.timeout(30_000);
  let client: AdapterClient;

  beforeEach(async () => {
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(() => client.stop());

  it('before there is a program', async () => {
    const expected = `${ERROR_CODES.notConnected}: No program is being watched yet. Send "launch" or "attach" first.`;
    assert.equal(await client.errorOf('asyncLens/snapshot'), expected);
    assert.equal(await client.errorOf('asyncLens/report'), expected);
    assert.equal(await client.errorOf('terminate'), expected);
  });

  it('because nobody knows it', async () => {
    const expected = `${ERROR_CODES.badArguments}: There is no request asyncLens/party; this is version 1 of asyncLens.`;
    assert.equal(await client.errorOf('asyncLens/party'), expected);
  });

  it('because its arguments are malformed', async () => {
    const error = (message: string) => `${ERROR_CODES.badArguments}: ${message}.`;
    assert.equal(await client.errorOf('asyncLens/snapshot', { fresh: 'yes' }), error('"fresh" must be true or false'));
    assert.equal(await client.errorOf('asyncLens/debuggerState'), error('"paused" must be true or false'));
    assert.equal(await client.errorOf('asyncLens/settings', { settings: [] }), error('"settings" must be an object'));
  });

  it("because it is the JavaScript debugger's", async () => {
    const refusals: [string, object, string][] = [
      ['continue', { threadId: 1 }, 'continue'],
      ['next', { threadId: 1 }, 'step'],
      ['stepIn', { threadId: 1 }, 'step'],
      ['stepOut', { threadId: 1 }, 'step'],
      ['pause', { threadId: 1 }, 'pause'],
      ['evaluate', { expression: '1' }, 'evaluate expressions in'],
    ];
    for (const [command, args, verb] of refusals) {
      const text = `Async Lens only watches the program: ${verb} it with the JavaScript debugger.`;
      assert.equal(await client.errorOf(command, args), `${ERROR_CODES.notSupported}: ${text}`, command);
    }
    const { body } = await client.setBreakpointsRequest({ source: { path: '/a.js' }, breakpoints: [{ line: 3 }] });
    assert.equal(body.breakpoints[0]?.verified, false);
    await client.setExceptionBreakpointsRequest({ filters: [] });
  });
});

describe('an attach that cannot work', function () {
  this.timeout(30_000);
  let client: AdapterClient;

  beforeEach(async () => {
    client = new AdapterClient('fake');
    await client.initializeRequest();
  });
  afterEach(() => client.stop());

  const attach = (args: object) => client.errorOf('attach', args);

  it('because it says nothing, or too much, of where', async () => {
    const expected = `${ERROR_CODES.badArguments}: Give exactly one of "processId", "url", "port" and "proxy".`;
    assert.equal(await attach({}), expected);
    assert.equal(await attach({ port: 9229, url: 'ws://127.0.0.1:9229/x' }), expected);
  });

  it('because the address is none', async () => {
    assert.match(await attach({ url: 'http://127.0.0.1/' }), /^3009: "url" must be a WebSocket address such as/);
    assert.equal(
      await attach({ port: 0 }),
      `${ERROR_CODES.badArguments}: "port" must be a port number from 1 to 65535.`,
    );
    assert.equal(
      await attach({ proxy: {} }),
      `${ERROR_CODES.badArguments}: "proxy" must be an object with host, port and path.`,
    );
  });

  it('because nobody listens there', async () => {
    const advice = 'Start the program with --inspect and check the address.';
    assert.equal(
      await attach({ port: 1 }),
      `${ERROR_CODES.inspectorUnreachable}: No inspector answers at 127.0.0.1:1 (connection refused). ${advice}`,
    );
    assert.equal(
      await attach({ url: 'ws://127.0.0.1:1/x' }),
      `${ERROR_CODES.inspectorUnreachable}: No inspector answers at ws://127.0.0.1:1/x (connection refused). ${advice}`,
    );
  });

  it('because something else listens there', async () => {
    const server = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      assert.match(await attach({ port }), /^3006: .*\(something else answers there\)/);
    } finally {
      server.close();
    }
  });

  it('because the program has another version of the agent', async () => {
    const fake = await startFakeProxy();
    fake.version = 99;
    try {
      assert.equal(
        await attach({ proxy: fake.proxy }),
        `${ERROR_CODES.versionMismatch}: The program was started by another version of Async Lens (protocol 99, here 1). Start it again.`,
      );
    } finally {
      await fake.close();
    }
  });
});
