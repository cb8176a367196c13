/** Places where code is suspended: which of them are outside of functions. */
import assert from 'node:assert/strict';
import { siteAt, siteOf } from '../../src/agent/stacks/sites.ts';
import type { CallSite } from '../../src/agent/stacks/stack.ts';

/** An await in code without a name that begins where its file does. */
const inFirst = (file: string): CallSite =>
  ({
    getPromiseIndex: () => null,
    getFunctionName: () => null,
    getTypeName: () => null,
    getMethodName: () => null,
    isConstructor: () => false,
    isToplevel: () => true,
    getFileName: () => file,
    getLineNumber: () => 2,
    getColumnNumber: () => 3,
    isAsync: () => true,
    getEnclosingLineNumber: () => 1,
    getEnclosingColumnNumber: () => 1,
  }) as unknown as CallSite;

describe('an await in the first code of a file', () => {
  const isModule = (file: string): boolean => siteAt(siteOf(inFirst(file))).isModule === true;

  it('is the module’s own where the file has a URL, as ES modules have', () => {
    for (const file of ['file:///app/main.mjs', 'data:text/javascript,await 1', 'https://host/a.js', 'vm:module(0)'])
      assert.equal(isModule(file), true, file);
  });

  it('is that of an arrow function where node:vm runs one alone', () => {
    for (const file of ['/app/job.js', 'C:\\app\\job.js', 'job.js', '/app/a:b.js', 'evalmachine.<anonymous>'])
      assert.equal(isModule(file), false, file);
  });
});
