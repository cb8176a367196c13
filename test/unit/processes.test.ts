import assert from 'node:assert/strict';
import type { AgentEvent } from '../../src/protocol/agent.ts';
import type { EventFile, Processes } from '../../src/model/processes.ts';
import { countText, groupProcesses } from '../../src/model/processes.ts';
import { titleOf } from '../../src/model/tree/tree.ts';
import { isLauncher } from '../../src/protocol/launchers.ts';
import { hello, snapshot } from '../support/samples.ts';

function spoke(pid: number, script: string, ppid = 1, startTime = pid): EventFile {
  return { pid, thread: 0, events: [hello({ pid, ppid, argv: ['node', script], startTime })] };
}

const names = ({ others }: Processes): string[] => others.map(({ hello: who }) => `${who?.pid}.${who?.threadId}`);

describe('the processes of a run', () => {
  it('have the direct child as root, with what its watchdog saw', () => {
    const seen: AgentEvent = { event: 'snapshot', snapshot: snapshot([], { atMs: 77 }) };
    const processes = groupProcesses([spoke(5, '/app/a.js'), { pid: 5, thread: 'watch', events: [seen] }], 5);
    assert.equal(processes.root?.hello?.pid, 5);
    assert.equal(processes.root.snapshot?.atMs, 77);
    assert.deepEqual(processes.others, []);
  });

  it('fold launchers, also across a shell that hides who started whom', () => {
    const files = [
      spoke(5, '/usr/lib/node_modules/npm/bin/npm-cli.js'),
      spoke(7, '/app/node_modules/.bin/tsx', 6),
      spoke(8, '/app/main.ts', 7),
      spoke(9, '/app/child.js', 8),
    ];
    const processes = groupProcesses(files, 5);
    assert.equal(processes.root?.hello?.pid, 8);
    assert.deepEqual(names(processes), ['9.0']);
  });

  it('fold what runs the program in a process of its own', () => {
    const runner = hello({ pid: 5, argv: ['node', '/app/a.test.js'], execArgv: ['--test'] });
    const files: EventFile[] = [{ pid: 5, thread: 0, events: [runner] }, spoke(6, '/app/a.test.js', 5)];
    assert.equal(groupProcesses(files, 5).root?.hello?.pid, 6);
  });

  it('have the launcher itself as root when there is nothing else', () => {
    assert.equal(groupProcesses([spoke(5, '/usr/bin/npx')], 5).root?.hello?.pid, 5);
  });

  it('have workers behind the process that they belong to', () => {
    const worker = (pid: number, thread: number): EventFile => ({
      pid,
      thread,
      events: [hello({ pid, threadId: thread })],
    });
    const files = [
      spoke(5, '/app/a.js'),
      worker(5, 1),
      worker(5, 2),
      spoke(6, '/app/b.js', 5),
      worker(6, 1),
      spoke(7, '/app/b.js', 5),
    ];
    const processes = groupProcesses(files, 5);
    assert.deepEqual(names(processes), ['5.1', '5.2', '6.0', '6.1', '7.0']);
    assert.equal(countText(processes.others), '2 other processes and 3 workers');
    assert.equal(countText(processes.others.slice(1, 2)), '1 worker');
  });

  it('call worker threads by name, script and number', () => {
    const worker = (argv: string[], threadName?: string): string =>
      titleOf(hello({ threadId: 3, argv: ['node', ...argv], ...(threadName === undefined ? {} : { threadName }) }));
    assert.deepEqual(
      [
        worker(['/app/w.mjs']),
        worker(['/app/w.mjs'], 'cruncher'),
        worker(['[worker eval]']),
        worker(['[worker eval]'], 'cruncher'),
        worker([]),
        titleOf(hello({ threadId: 1, argv: ['node'], internal: true })),
      ],
      [
        'w.mjs worker 3',
        'cruncher (w.mjs worker 3)',
        'worker 3',
        'cruncher (worker 3)',
        'worker 3',
        'module loader (worker 1)',
      ],
    );
  });

  it("do not count a thread of Node's own among the workers", () => {
    const hooks: EventFile = { pid: 5, thread: 1, events: [hello({ threadId: 1, internal: true })] };
    assert.deepEqual(names(groupProcesses([spoke(5, '/app/a.js'), hooks], 5)), []);
  });

  it('may be none', () => assert.deepEqual(groupProcesses([], 5), { others: [] }));
});

describe('a launcher', () => {
  const examples: [string | undefined, boolean][] = [
    ['/usr/lib/node_modules/npm/bin/npm-cli.js', true],
    ['C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npx-cli.js', true],
    ['/app/node_modules/.bin/tsx', true],
    ['/app/node_modules/tsx/dist/cli.mjs', true],
    ['/app/cli.mjs', false],
    ['/app/server.js', false],
    [undefined, false],
  ];
  for (const [script, expected] of examples) {
    it(`${script ?? 'no script'}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(isLauncher(script === undefined ? ['node'] : ['node', script]), expected);
    });
  }

  const options: [string[], boolean][] = [
    [['--test'], true],
    [['--watch'], true],
    [['--watch-path=src'], true],
    [['--test', '--test-isolation=none'], false],
    [['--experimental-test-isolation=none', '--test'], false],
    [['--test-name-pattern=x'], false],
    [['--watch-preserve-output'], false],
  ];
  for (const [execArgv, expected] of options) {
    it(`node ${execArgv.join(' ')}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(isLauncher(['node', '/app/a.js'], execArgv), expected);
    });
  }
});
