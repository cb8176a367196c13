/** Which functions of a source take a lock that is a chain of promises. */
import assert from 'node:assert/strict';
import { lockTextOf } from '../../src/model/source/lock-calls.ts';

/** Names, and the lines at which the functions themselves wait. */
function locks(source: string): string {
  const { chained, turns } = lockTextOf(source);
  return [...chained, ...turns].join(' ');
}

const withBody = (body: string): string => locks(`async function take(work) {\n${body}\n}`);
const OWN = 'let release;\nconst before = tail;\ntail = new Promise((resolve) => (release = resolve));';

describe('locks that are chains of promises', () => {
  it('are those that wait for the end of the chain and become it', () => {
    assert.equal(withBody(`${OWN}\nawait before;\nreturn release;`), 'take 5');
    assert.equal(withBody(`${OWN}\nreturn before.then(() => release);`), 'take');
    assert.equal(withBody(`${OWN}\nawait before;\ntry { return await work(); } finally { release(); }`), 'take 5');
    assert.equal(
      locks(
        'class Mutex {\n last = Promise.resolve();\n async lock(): Promise<() => void> {\n  let release!: () => void;\n  const before = this.last;\n  this.last = new Promise<void>((resolve) => { release = resolve; });\n  await before;\n  return release;\n }\n}',
      ),
      'lock 7',
    );
    assert.equal(
      withBody(
        'let next;\nconst mine = new Promise((resolve) => (next = resolve));\nconst ready = this.last.then(() => next);\nthis.last = this.last.then(() => mine);\nreturn ready;',
      ),
      'take',
    );
  });

  it('are no promises of another use', () => {
    const made = 'let release;\nconst mine = new Promise((resolve) => (release = resolve));';
    assert.equal(withBody(`${made}\nwaiting.push(release);\nawait mine;`), '');
    assert.equal(withBody(`${made}\nlatest = mine;\nreturn mine;`), '', 'nobody waits for the one before');
    assert.equal(
      withBody('const before = tail;\ntail = new Promise((resolve) => setTimeout(resolve, 5));\nawait before;'),
      '',
      'it ends by itself',
    );
    assert.equal(
      withBody(
        'const before = this.ready;\nthis.ready = new Promise((resolve) => (this.fire = resolve));\nawait before;',
      ),
      '',
      'somebody else is to settle it',
    );
  });
});
