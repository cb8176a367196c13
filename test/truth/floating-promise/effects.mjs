// Calls that are not awaited and are good for more than their result
import { setTimeout as sleep } from 'node:timers/promises';

const cache = new Map();
let loaded = 0;

async function warmUp(key) {
  const value = await sleep(5, key.length);
  cache.set(key, value);
  return value;
}

async function count() {
  await sleep(5);
  return ++loaded;
}

async function greet(name) {
  await sleep(5);
  console.log(`hello ${name}`);
  return name;
}

async function save(db, row) {
  const id = await db.query('insert into books values ($1)', row);
  return id;
}

async function pause() {
  await sleep(5);
}

async function load(name) {
  await sleep(5);
  return name;
}

class Users {
  #last;

  async load(name) {
    this.#last = await sleep(5, name);
    return this.#last;
  }
}

async function start() {
  const db = { query: (sql, row) => sleep(5, sql.length + row.length) };
  warmUp('books');
  count();
  greet('ann');
  save(db, ['a']);
  new Users().load('ann');
  pause();
  const names = load('bob');
  void load('cid');
  await sleep(20);
  return names;
}

setTimeout(() => void start(), 10);
