// Visits every route of the running bookshop once: `node visit.mjs [address] [chapter ...]`; chapters are those of README.md.
import { fileURLToPath } from 'node:url';

/** An answer is awaited this long; a request that is known to hang is left behind sooner. */
const ANSWER_LIMIT_MS = 10_000;
const PATIENCE_MS = 1200;

const chapters = {
  healthy: async ({ ask }) => {
    await ask('GET', '/book?id=1');
    await ask('GET', '/book?id=1');
    await ask('GET', '/reviews?id=1');
  },
  stall: async ({ ask }) => {
    await ask('POST', '/login?password=secret');
    await ask('GET', '/recommend');
    await ask('GET', '/price-list');
  },
  hang: async ({ ask, leave }) => {
    await ask('GET', '/report?month=13');
    await ask('GET', '/report?month=13');
    await Promise.all([leave('GET', '/report?month=5'), leave('GET', '/reviews?id=7'), leave('GET', '/bestsellers')]);
  },
  deadlock: async ({ leave }) => {
    await Promise.all([
      leave('POST', '/transfer?from=london&to=paris'),
      leave('POST', '/transfer?from=paris&to=london'),
    ]);
  },
  lost: async ({ ask, leave }) => {
    await ask('GET', '/invoice?pages=2');
    await leave('GET', '/invoice?pages=0');
  },
  queue: async ({ ask }) => {
    await ask('POST', '/newsletter');
  },
};

/** Names of the chapters, in the order of the tour. */
export const CHAPTERS = Object.keys(chapters);

/** Makes the requests of one chapter; `tell` gets one line for each. Throws when the bookshop can't be reached. */
export async function visit(address, chapter, tell) {
  const requestWithin = (limitMs) => async (method, path) => {
    const start = performance.now();
    const outcome = await request(address + path, method, limitMs);
    tell(`${`${method} ${path}`.padEnd(36)} ${outcome} (${Math.round(performance.now() - start)} ms)`);
  };
  await chapters[chapter]({ ask: requestWithin(ANSWER_LIMIT_MS), leave: requestWithin(PATIENCE_MS) });
}

async function request(url, method, limitMs) {
  try {
    const response = await fetch(url, { method, signal: AbortSignal.timeout(limitMs) });
    await response.text();
    return String(response.status);
  } catch (error) {
    if (error.name === 'TimeoutError') return 'no answer, left waiting';
    throw new Error(`${url} can't be reached: ${error.cause?.code ?? error.message}. Is the bookshop running?`, {
      cause: error,
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const named = process.argv.slice(2).filter((argument) => !argument.startsWith('http'));
  const address = process.argv.slice(2).find((argument) => argument.startsWith('http')) ?? 'http://127.0.0.1:3000';
  const unknown = named.find((name) => !CHAPTERS.includes(name));
  try {
    if (unknown !== undefined) throw new Error(`There is no chapter ${unknown}: ${CHAPTERS.join(', ')}.`);
    for (const chapter of named.length > 0 ? named : CHAPTERS) await visit(address, chapter, console.log);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
