import assert from 'node:assert/strict';
import type { WaitFacts } from '../../src/protocol/agent.ts';
import { applySnapshot, newProgram } from '../../src/model/program.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { resource, snapshot, sources } from '../support/samples.ts';

describe('what keeps the program alive', () => {
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
