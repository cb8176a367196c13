import assert from 'node:assert/strict';
import type { WaitFacts } from '../../src/protocol/agent.ts';
import { applySnapshot, newProgram } from '../../src/model/program.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { resource, snapshot, sources } from '../support/samples.ts';

describe('what keeps the program alive', () => {
  it('has one row for equal requests that were not answered', () => {
    const asked = (port: number, request: string): WaitFacts => ({
      kind: 'socket',
      state: 'open',
      remote: `127.0.0.1:${port}`,
      bytesRead: 100,
      bytesWritten: 0,
      serving: { request },
    });
    const all = [asked(5001, 'GET /orders'), asked(5002, 'GET /orders'), asked(5003, 'GET /users')];
    const program = newProgram();
    applySnapshot(program, snapshot([], { resources: all.map((facts, id) => resource(facts, { id })) }));
    assert.match(
      treeText(buildTree(program, [], sources)),
      /─ request GET \/orders, not answered yet ×2 .*\n.*─ request GET \/users of 127\.0\.0\.1:5003, not answered yet /,
    );
  });

  it('has one row for the pipes of one child process', () => {
    const pipe = (output: string): WaitFacts => ({
      kind: 'socket',
      state: 'open',
      family: 'pipe',
      bytesRead: 0,
      bytesWritten: 0,
      output,
    });
    const outputs = [
      'stdin of child process 7 (cat)',
      'stdout of child process 7 (cat)',
      'stdin of child process 8 (cat)',
    ];
    const program = newProgram();
    applySnapshot(program, snapshot([], { resources: outputs.map((output, id) => resource(pipe(output), { id })) }));
    assert.match(
      treeText(buildTree(program, [], sources)),
      /─ pipe of child process 7 \(cat\) ×2 .*\n.*─ stdin of child process 8 \(cat\) /,
    );
  });
});
