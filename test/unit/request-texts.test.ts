/** Statements of SQL and commands of Redis are told without what is private in them. */
import assert from 'node:assert/strict';
import { commandText } from '../../src/agent/libraries/redis-commands.ts';
import { statement } from '../../src/agent/libraries/sql-text.ts';

const STATEMENTS: [sql: unknown, told: string][] = [
  ["select * from users where name = 'O''Brien' and age > 42", 'query select * from users where name = ? and age > ?'],
  ['select value\n\t from orders   where id = $1', 'query select value from orders where id = $1'],
  ['select $tag$it is $1 secret$tag$, $$also$$ from t1', 'query select ?, ? from t1'],
  ["select 'never closed", 'query select ?'],
  ['select $$never closed', 'query select ?'],
  ['select 1.5e3, "col 1", `2fa`, a_1', 'query select ?, "col ?", `2fa`, a_1'],
  [
    'select first_name, last_name, street, town, country from customers',
    'query select first_name, last_name, street, town, country from cus…',
  ],
  [{ text: 'select 1' }, 'query'],
];

const COMMANDS: [command: string, key: unknown, told: string][] = [
  ['get', 'session:7', 'GET session:7'],
  ['HINCRBY', 'user:1', 'HINCRBY user:1'],
  ['rpush', 'jobs', 'RPUSH jobs'],
  ['incrbyfloat', 'sum', 'INCRBYFLOAT sum'],
  ['auth', 'secret', 'AUTH'],
  ['hello', '3', 'HELLO'],
  ['xread', 'BLOCK', 'XREAD'],
  ['json.get', 'doc', 'JSON.GET'],
  ['eval', 'return 1', 'EVAL'],
  ['get', 7, 'GET'],
  ['set', 'k'.repeat(50), `SET ${'k'.repeat(40)}…`],
];

const MYSQL: [sql: string, told: string][] = [
  [String.raw`select * from t where a = 'it\'s secret' and b = "also"`, 'query select * from t where a = ? and b = ?'],
  [String.raw`select "never closed\"`, 'query select ?'],
  ['select $a from `t 1`', 'query select $a from `t ?`'],
];

describe('a query in words', () => {
  for (const [sql, told] of MYSQL) it(`${told}, of MySQL`, () => assert.equal(statement(sql, 'mysql'), told));
  for (const [sql, told] of STATEMENTS) it(told, () => assert.equal(statement(sql), told));
});

describe('a command of Redis in words', () => {
  for (const [command, key, told] of COMMANDS) it(told, () => assert.equal(commandText(command, key), told));
});
