/** What the agent says of calls and requests in a word or two. */
import assert from 'node:assert/strict';
import { commandDetail, sqlDetail } from '../../src/agent/calls/call-details.ts';
import { requestName } from '../../src/agent/names/request-names.ts';

describe('in a word', () => {
  it('a command line is its program, without what is set for it', () => {
    const lines = ['git status', '  A=1 B_2=x /usr/bin/git log', 'sleep\t3', '9A=1 x', 'A=1', ' ', ''];
    assert.deepEqual(lines.map(commandDetail), ['git', 'git', 'sleep', '9A=1', 'A=1', undefined, undefined]);
  });

  it('an SQL statement is its verb', () => {
    assert.deepEqual(['select 1', ' \n INSERT into a', '(select 1)', ''].map(sqlDetail), [
      'SELECT',
      'INSERT',
      undefined,
      undefined,
    ]);
  });

  it('a request is its method and path, without host, query and fragment', () => {
    const urls = ['/a/b?x=1', '/a#b?c', 'http://h:1/x/y?z', 'http://h', '/p?u=http://h/x', '*', '/a://b'];
    assert.deepEqual(
      urls.map((url) => requestName('GET', url)),
      ['GET /a/b', 'GET /a', 'GET /x/y', 'GET ', 'GET /p', 'GET *', 'GET /a://b'],
    );
  });
});
