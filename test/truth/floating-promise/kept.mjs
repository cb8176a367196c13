// Promises that are kept, handed on or answered for, and lines that await
import { setTimeout as sleep } from 'node:timers/promises';

async function load(name) {
  await sleep(5);
  return name.length;
}

const first = (names) => load(names[0]);

async function sum(names) {
  const all = names.map((name) => load(name));
  load('x').then((length) => all.push(length));
  const [one, ...more] = await Promise.all([first(names), ...all]);
  await load('y');
  return more.reduce((before, each) => before + each, one);
}

setTimeout(() => void sum(['a', 'b']), 10);
