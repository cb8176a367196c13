import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { Report } from '../../src/protocol/report.ts';
import type { CallResult, CommandLine } from '../support/command-line.ts';
import { buildCommandLine, names, runBare } from '../support/command-line.ts';

const HANG = `
  async function hang() { await new Promise(() => {}); }
  hang();
`;

/** Says so on stdout, then stays until it is ended. */
const SERVER = `
  import { createServer } from 'node:http';
  async function handler() { await new Promise((resolve) => setTimeout(resolve, 3_600_000)); }
  createServer().listen(0, '127.0.0.1', () => { handler(); console.log('ready'); });
`;

function rules({ findings }: Report): string[] {
  return findings.map(({ rule, severity }) => `${severity} ${rule}`);
}

describe('async-lens run', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  before(() => (cli = buildCommandLine()));
  after(() => cli.remove());

  describe('leaves the program alone', () => {
    const program = `
      let text = '';
      process.stdin.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => {
        console.log(JSON.stringify([text, process.argv.slice(2), process.cwd()]));
        console.error('to stderr');
        process.exitCode = 3;
      });
    `;
    const args = ['one', 'two words', '"quoted"', '--json'];
    const stdin = 'a line\nöther\n';

    it('with --quiet: output, exit code, input and arguments are those of a bare run', async () => {
      const file = cli.write('echo.cjs', program);
      const bare = await runBare([file, ...args], cli.folder, { stdin });
      const { report, ...ours } = await cli.run([file, ...args], { stdin, options: ['--quiet'] });
      assert.deepEqual(ours, { ...bare, left: [] });
      assert.equal(bare.code, 3);
      assert.equal(report.process.exitCode, 3);
      assert.deepEqual(report.process.argv.slice(1), [file, ...args]);
    });

    it('without: the report comes after its own stderr, nothing in stdout', async () => {
      const file = cli.write('echo.cjs', program);
      const bare = await runBare([file], cli.folder);
      const ours = await cli.run([file]);
      assert.equal(ours.stdout, bare.stdout);
      assert.ok(ours.stderr.startsWith(`${bare.stderr}\nAsync Lens: ran `), ours.stderr);
      assert.match(ours.stderr, /^echo\.cjs {2}ended, exit code 3 · pid \d+ · node v[\d.]+$/m);
      assert.ok(!ours.stderr.includes('\u001b'));
    });

    it('with the NODE_OPTIONS that were there', async () => {
      cli.write('first module.cjs', 'globalThis.first = true;');
      const file = cli.write('options.cjs', 'console.log(globalThis.first, Error.stackTraceLimit)');
      const NODE_OPTIONS = '--stack-trace-limit=7 --require "./first module.cjs"';
      const { stdout } = await cli.run([file], { env: { NODE_OPTIONS } });
      assert.equal(stdout, 'true 7\n');
    });
  });

  describe('reports', () => {
    it('what a program waits for when it has run out of work', async () => {
      const { code, report } = await cli.run([cli.write('hang.cjs', HANG)]);
      assert.equal(code, 0);
      assert.deepEqual(names(report.tasks), ['hang']);
      assert.equal(report.tasks[0]?.location?.line, 2);
      assert.deepEqual(rules(report), ['warning pending-at-exit']);
      assert.deepEqual(report.tool, { name: 'async-lens', version: '1.2.3' });
    });

    it('a program that ends at once', async () => {
      const { code, report, stderr } = await cli.run([cli.write('empty.cjs', '')]);
      assert.equal(code, 0);
      assert.deepEqual([report.tasks, report.findings], [[], []]);
      assert.match(report.process.node, /^v\d+/);
      assert.ok(!stderr.includes('Nothing was observed'), stderr);
    });

    it('a program that calls process.exit at once', async () => {
      const { code, report } = await cli.run([
        cli.write('exit.cjs', `${HANG} setTimeout(() => {}, 9e5); process.exit(5);`),
      ]);
      assert.equal(code, 5);
      assert.deepEqual(names(report.tasks), ['hang']);
      assert.deepEqual(rules(report), ['info pending-at-exit']);
    });

    it('a program that throws at once', async () => {
      const { code, report } = await cli.run([cli.write('throw.cjs', `${HANG} throw new Error('broken');`)]);
      assert.equal(code, 1);
      assert.equal(report.process.exitCode, 1);
    });

    it('a top-level await that never settles', async () => {
      const { code, report } = await cli.run([cli.write('await.mjs', `await 0;\nawait new Promise(() => {});`)]);
      assert.equal(code, 13);
      const [finding] = report.findings;
      assert.equal(finding?.rule, 'unsettled-top-level-await');
      assert.equal(finding.location?.line, 2);
    });

    it('the last state of a program that was killed', async () => {
      const killed = `${HANG} setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2500);`;
      const { code, report, left } = await cli.run([cli.write('killed.cjs', killed)]);
      assert.equal(code, 137);
      assert.equal(report.process.signal, 'SIGKILL');
      assert.equal(report.process.exitCode, null);
      assert.deepEqual(names(report.tasks), ['hang']);
      assert.deepEqual(left, []);
    });

    it('the line that blocked the loop', async () => {
      const busy = `setTimeout(function work() {\n  for (const end = Date.now() + 400; Date.now() < end; );\n}, 300);`;
      const { report } = await cli.run([cli.write('busy.cjs', busy)]);
      const finding = report.findings.find(({ rule }) => rule === 'event-loop-stall');
      assert.equal(finding?.location?.line, 2);
      assert.equal(path.basename(finding.location.file), 'busy.cjs');
    });

    it('the program that npm starts', async () => {
      const file = cli.write('service/service.cjs', `${HANG} process.exitCode = 4;`);
      cli.write('service/package.json', JSON.stringify({ scripts: { start: 'node service.cjs' } }));
      const { code, report } = await cli.run(['npm', '--prefix', path.dirname(file), 'start']);
      assert.equal(code, 4);
      assert.equal(path.basename(report.process.argv[1] ?? ''), 'service.cjs');
      assert.deepEqual(names(report.tasks), ['hang']);
    });

    it('of a program that is not Node.js what there is to report', async () => {
      const { code, report, stderr } = await cli.run(['sh', '-c', 'exit 6']);
      assert.equal(code, 6);
      assert.deepEqual(report.process.argv, ['sh', '-c', 'exit 6']);
      assert.match(stderr, /Nothing was observed: it is not Node\.js/);
    });
  });

  describe('with --duration', () => {
    it('reports the tasks of that moment and ends the program', async () => {
      const { code, report, left } = await cli.run([cli.write('server.mjs', SERVER)], {
        options: ['--duration', '2000'],
      });
      assert.equal(code, 143);
      assert.equal(report.process.signal, 'SIGTERM');
      assert.deepEqual(names(report.tasks), ['handler']);
      assert.equal(report.tasks[0]?.waitingOn?.kind, 'timer');
      assert.ok(report.keepAlive.some(({ kind }) => kind === 'server'));
      assert.deepEqual(rules(report), []);
      assert.deepEqual(left, []);
    });

    it('reports the tasks of that moment also of a program that ends in order', async () => {
      const orderly = `${SERVER} process.on('SIGTERM', () => process.exit(9));`;
      const { code, report } = await cli.run([cli.write('orderly.mjs', orderly)], { options: ['--duration', '2000'] });
      assert.equal(code, 9);
      assert.deepEqual(names(report.tasks), ['handler']);
      assert.deepEqual(rules(report), []);
    });

    it('forces a program that does not listen', async () => {
      const deaf = `${SERVER} process.on('SIGTERM', () => {});`;
      const { code, report } = await cli.run([cli.write('deaf.mjs', deaf)], { options: ['--duration', '1000'] });
      assert.equal(code, 137);
      assert.equal(report.process.signal, 'SIGKILL');
    });

    it('ends a program that blocks its loop for ever', async () => {
      const { code } = await cli.run([cli.write('blocked.cjs', 'for (;;);')], { options: ['--duration', '500'] });
      assert.equal(code, 143);
    });

    it('ends what a shell would leave running', async () => {
      const telling = SERVER.replace("console.log('ready')", 'console.log(this.address().port)').replace(
        '() => {',
        'function () {',
      );
      cli.write('telling.mjs', telling);
      const { stdout, report } = await cli.run(['sh', '-c', 'node telling.mjs; true'], {
        options: ['--duration', '2000'],
      });
      assert.deepEqual(names(report.tasks), ['handler']);
      const socket = connect(Number(stdout), '127.0.0.1');
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      assert.equal(error.code, 'ECONNREFUSED');
    });

    it('does nothing to a program that ends before', async () => {
      const { code, report } = await cli.run([cli.write('hang.cjs', HANG)], { options: ['--duration', '600000'] });
      assert.equal(code, 0);
      assert.deepEqual(rules(report), ['warning pending-at-exit']);
    });
  });

  describe('passes signals on', () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      it(`${signal}: the program decides what happens`, async () => {
        const listener = `${SERVER} process.on('${signal}', () => { console.log('asked'); process.exit(7); });`;
        const { code, stdout, left } = await cli.run([cli.write(`${signal}.mjs`, listener)], {
          onOutput: (text, kill) => text === 'ready\n' && kill(signal),
        });
        assert.equal(stdout, 'ready\nasked\n');
        assert.equal(code, 7);
        assert.deepEqual(left, []);
      });
    }

    it('and ends as the program ends', async () => {
      const { code } = await cli.run([cli.write('server.mjs', SERVER)], {
        onOutput: (text, kill) => text === 'ready\n' && kill('SIGTERM'),
      });
      assert.equal(code, 143);
    });
  });

  describe('fails with 70 and one line', () => {
    function fails(result: CallResult, line: RegExp): void {
      assert.match(result.stderr, line);
      assert.equal(result.stderr.split('\n').length, 2, result.stderr);
      assert.deepEqual([result.code, result.stdout, result.left], [70, '', []]);
    }

    it('when a script is not there', async () => {
      fails(await cli.call(['run', '--', 'nowhere.mjs']), /^async-lens: there is no program nowhere\.mjs$/m);
    });

    it('when a command is not there', async () => {
      const line = /^async-lens: there is no program no-such-command, neither here nor on PATH$/m;
      fails(await cli.call(['run', '--', 'no-such-command']), line);
    });

    it('when an option is unknown', async () => {
      fails(await cli.call(['run', '--jsn', 'x', '--', 'app.js']), /^async-lens: unknown option '--jsn'; /m);
    });

    it('when the report cannot be written, before the program is started', async () => {
      const file = cli.write('say.cjs', 'console.log("started")');
      mkdirSync(path.join(cli.folder, 'a folder'), { recursive: true });
      fails(
        await cli.call(['run', '--json', 'nowhere/x', '--', file]),
        /^async-lens: --json nowhere\/x cannot be written/m,
      );
      fails(
        await cli.call(['run', '--json', 'a folder', '--', file]),
        /^async-lens: --json a folder is a folder, not a file$/m,
      );
    });

    it('when the agent is missing', async () => {
      const file = cli.write('say.cjs', 'console.log("started")');
      renameSync(cli.agent, `${cli.agent}.away`);
      try {
        fails(
          await cli.call(['run', '--', file]),
          /^async-lens: its agent is missing \(.*preload\.cjs\): install Async Lens again$/m,
        );
      } finally {
        renameSync(`${cli.agent}.away`, cli.agent);
      }
    });
  });

  it('leaves files behind rather than fail where the system does not let it remove them', async () => {
    const busy = "require('node:fs').rmSync = () => { throw Object.assign(new Error('busy'), { code: 'EBUSY' }); };";
    const env = { NODE_OPTIONS: `--require "${cli.write('busy.cjs', busy)}"` };
    const { code, left, stderr } = await cli.call(['run', '--', cli.write('five.cjs', 'process.exitCode = 5')], {
      env,
    });
    assert.equal(code, 5, stderr);
    assert.deepEqual(left.length, 1);
  });

  it('helps and tells its version', async () => {
    const help = await cli.call(['--help']);
    assert.match(help.stdout, /async-lens run \[options\] -- PROGRAM/);
    assert.deepEqual(await cli.call(['--version']), { stdout: '1.2.3\n', stderr: '', code: 0, left: [] });
  });

  it('writes no files but the report', () => {
    assert.ok(!readdirSync(cli.folder).some((name) => name.endsWith('.ndjson')));
  });
});
