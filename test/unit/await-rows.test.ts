/** Which awaits of a source need not wait for each other: those that are found, and many that look like them. */
import assert from 'node:assert/strict';
import { awaitRowsIn } from '../../src/model/source/await-rows.ts';

const text = (source: string): string =>
  awaitRowsIn(source)
    .map(({ kind, lines }) => `${kind} ${lines.join(' ')}`)
    .join(', ');

function finds(source: string, expected: string): void {
  assert.equal(text(source), expected, source);
}

const THREE = ['getUser(id)', 'getOrders(id)', 'getPrices()'];
const inRow = (calls: readonly string[]): string => calls.map((call, i) => `const v${i} = await ${call};`).join('\n');

describe('awaits that need not wait for each other', () => {
  it('are found in a row of statements', () => {
    finds(inRow(THREE), 'row 1 2 3');
    finds(inRow(THREE).replaceAll(';', ''), 'row 1 2 3');
    finds(`async function f() {\n${inRow(THREE)}\n return v0; }`, 'row 2 3 4');
    finds(inRow(['api.users.get(id)', 'this.store.findAll()', 'fetch(`${base}/prices`)']), 'row 1 2 3');
    finds(inRow(["readFile('a')", "stat('b')", "readFile('c', { encoding: 'utf8' })"]), 'row 1 2 3');
  });

  it('are found with types, patterns and plain values in between', () => {
    finds(
      'const a: User = await getUser(id);\nconst b = await getB<Item>(id);\nconst c = (await getC()) as C;',
      'row 1 2 3',
    );
    finds('const { a, b: x } = await getUser(id);\nconst [c] = await getB(id);\nlet d = await getC(id);', 'row 1 2 3');
    finds(
      'const a = await getA(id);\nconst name = a.name;\nconst b = await getB(id);\nconst c = await getC();',
      'row 1 3 4',
    );
    finds(
      'const a = (await getA(id)).rows;\nconst b = (await getB(id)).rows;\nconst c = (await getC()).rows;',
      'row 1 2 3',
    );
  });

  it('are those before and behind one that needs another', () => {
    finds(`${inRow(THREE)}\nconst x = await getOrders(v0.id);`, 'row 1 2 3');
    finds(
      'const a = await getA();\nconst b = await getB(a);\nconst c = await getC();\nconst d = await getD();',
      'row 2 3 4',
    );
    finds(
      'const a = await getA();\nconst b = await getB(a);\nconst c = await getC();\nconst d = await getD();\nconst e = await getE();',
      'row 2 3 4 5',
    );
  });

  it('are none when a value flows from one to the next', () => {
    finds('const a = await getA();\nconst b = await getB(a.id);\nconst c = await getC(b);', '');
    finds('const { id } = await getA();\nconst b = await getB(`/${id}`);\nconst c = await getC();', '');
    finds('const a = await getA();\nconst id = a.id;\nconst b = await getB(id);\nconst c = await getC();', '');
    finds('const a = await getA();\nconst b = await getB({ a });\nconst c = await getC();', '');
  });

  it('are none when something happens in between', () => {
    finds('const a = await getA();\nif (!a) return;\nconst b = await getB();\nconst c = await getC();', '');
    finds('const a = await getA();\nstate.a = a;\nconst b = await getB();\nconst c = await getC();', '');
    finds('const a = await getA();\nconst x = use(a);\nconst b = await getB();\nconst c = await getC();', '');
  });

  it('are none when calls may change something', () => {
    finds(inRow(['createUser()', 'createOrder()', 'sendMail()']), '');
    finds(inRow(['reader.read()', 'reader.read()', 'reader.read()']), '');
    finds(inRow(['getNext()', 'getNext()', 'getNext()']), '');
    finds(inRow(['getLock(a)', 'getLock(b)', 'getLock(c)']), '');
    finds(inRow(['tx.query(a)', 'tx.query(b)', 'tx.query(c)']), '');
    finds(inRow(["db.query('BEGIN')", "db.query('select 1')", "db.query('select 2')"]), '');
    finds(inRow(["fetch(a, { method: 'POST' })", 'fetch(b)', 'fetch(c)']), '');
    finds(inRow(['sleep(1)', 'sleep(2)', 'sleep(3)']), '');
    finds(inRow(['get(() => count++)', 'get(b)', 'get(c)']), '');
    finds(inRow(['getA().then(use)', 'getB()', 'getC()']), '');
    finds('await getA();\nawait getB();\nawait getC();', '');
  });

  it('are judged by the function itself when it is in the same file', () => {
    const rows = inRow(['user(1)', 'user(2)', 'user(3)']);
    const bare = (body: string): string => `${body}\n${rows}`;
    finds(bare('const user = async (id) => { const r = await fetch(id); return r.json(); };'), 'row 2 3 4');
    finds(
      bare('function user(id: number): Promise<User> { return new Promise((r) => setTimeout(r, 5, id)); }'),
      'row 2 3 4',
    );
    finds(bare('let last; const user = async (id) => { last = id; return fetch(id); };'), '');
    finds(bare('const seen = []; const user = async (id) => { seen.push(id); return fetch(id); };'), '');
    finds(bare('const user = async (id) => { total += 1; return fetch(id); };'), '');
    finds(bare('const user = async (id) => { await save(id); return fetch(id); };'), '');
    finds(bare('async function user(x) { x.id = 1; return fetch(x); }'), '');
    finds(bare('const user = async (id) => other(id); async function other(id) { count++; }'), '');
    finds(rows, '');
    finds(
      'let n = 0; async function getN() { return ++n; }\nconst a = await getN();\nconst b = await getN();\nconst c = await getN();',
      '',
    );
  });
});

describe('rounds of a loop that need not wait for each other', () => {
  it('are found', () => {
    finds('for (const id of ids) users.push(await getUser(id));', 'loop 1');
    finds('for (const id of ids) {\n const user = await getUser(id);\n users.push(user);\n}', 'loop 2');
    finds(
      'for (const { id } of ids) {\n const u = await getUser(id);\n const o = await getOrders(u.id);\n map.set(id, o);\n}',
      'loop 2 3',
    );
    finds('for (let i = 0; i < ids.length; i++) {\n all[i] = await fetch(ids[i]);\n}', 'loop 2');
    finds('for (const f of files) {\n if (await exists(f)) found.push(f);\n}', 'loop 2');
    finds('for (const [key, url] of Object.entries(urls)) {\n result[key] = await fetch(url);\n}', 'loop 2');
    finds(
      'for (const id of ids) {\n const u: User = await getUser(id);\n if (!u) continue;\n console.log(u);\n}',
      'loop 2',
    );
  });

  it('are none when one round needs the one before', () => {
    finds('let token;\nfor (const id of ids) {\n const r = await getPage(id, token);\n token = r.token;\n}', '');
    finds('for (let i = 0; i < pages; i++) {\n const r = await getPage(i);\n pages = r.pages;\n}', '');
    finds('for (const id of list) {\n const r = await getItem(id);\n list.push(...r.more);\n}', '');
    finds('for (const id of ids) {\n state = await getState(state, id);\n}', '');
    finds('for (const id of ids) {\n const r = await client2.get(id);\n client2.use(r);\n}', '');
    finds('for (const id of ids) {\n cache[id] = await load(id, cache);\n}', '');
  });

  it('are none when a round may end the loop, or is tried again', () => {
    finds('for (const id of ids) {\n const r = await getUser(id);\n if (r) break;\n}', '');
    finds('for (const id of ids) {\n const r = await getUser(id);\n if (r) return r;\n}', '');
    finds('for (let i = 0; i < 3; i++) {\n try { return await fetch(url); } catch {}\n}', '');
    finds('for (let i = 0; i < 5; i++) {\n status = await getStatus(job);\n}', '');
    finds('while (more) {\n const r = await getPage(more);\n more = r.more;\n}', '');
  });

  it('are none when the order may matter', () => {
    finds('for (const f of files) {\n await upload(f);\n}', '');
    finds('for (const f of files) {\n const r = await write(f);\n console.log(r);\n}', '');
    finds('for (const id of ids) {\n users.push(await getUser(id));\n await sleep(100);\n}', '');
    finds('for await (const id of ids) {\n users.push(await getUser(id));\n}', '');
    finds('for (const id of await ids()) {\n users.push(await getUser(id));\n}', '');
    finds('for (const step of steps) {\n results.push(await step());\n}', '');
  });
});
