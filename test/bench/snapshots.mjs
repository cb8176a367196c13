/** Measures snapshots of many pending awaits: what one takes, and how long polling stops the program at most. */
import { median } from './table.mjs';
import { withProgram } from './program.mjs';
import { agentRequest, BUDGET_MS } from './variants.mjs';

const WHOLE = { request: 'snapshot' };
const SLICE = { request: 'snapshot', budgetMs: BUDGET_MS };
const POLL = { request: 'poll', paused: false };
/** Snapshots until the optimising compiler has done its work, and those measured then. */
const WARM_UP = 4;
const STEADY = 5;
/** Of more awaits a whole snapshot at once is no use. */
const MAX_WHOLE = 100_000;
/** Snapshots taken in slices, and polls after each. */
const SLICED = 3;
const POLLS = 10;

/** Asks the agent and answers the milliseconds it took inside the program, and what it said. */
async function ask(client, request) {
  const { ms, json } = await client.evaluate(`(() => {
    const start = performance.now();
    const json = ${agentRequest(request)};
    return { ms: performance.now() - start, json };
  })()`);
  const { ok, value, error } = JSON.parse(json);
  if (!ok) throw new Error(`the agent gave no answer: ${error}`);
  return { ms, value, bytes: json.length };
}

async function takeInSlices(client) {
  const times = [];
  for (;;) {
    const { ms, value } = await ask(client, SLICE);
    times.push(ms);
    if (!('done' in value)) break;
  }
  for (let i = 0; i < POLLS; i++) times.push((await ask(client, POLL)).ms);
  return Math.max(...times);
}

/** In one go: the first one, which has to find out all positions, the second, and the median of later ones. */
async function takeWhole(client) {
  const [first, second] = [await ask(client, WHOLE), await ask(client, WHOLE)];
  for (let i = 0; i < WARM_UP; i++) await ask(client, WHOLE);
  const later = [];
  for (let i = 0; i < STEADY; i++) later.push((await ask(client, WHOLE)).ms);
  const { pendingTasks, droppedEvents } = second.value.counts;
  const { bytes } = second;
  return { first: first.ms, second: second.ms, later: median(later), pendingTasks, droppedEvents, bytes };
}

/** Waits until no reaction of the program runs: inside one there are no probes. */
async function untilIdle(client) {
  await client.evaluate('void setImmediate(() => { globalThis.isIdle = true; })');
  while (!(await client.evaluate('globalThis.isIdle === true')));
}

/**
 * Two programs with `count` pending awaits, one for snapshots in one go and one for slices; `nested`: four and four of them await one another, `deep`: eleven in a recursion. Milliseconds inside the program.
 */
export async function measureSnapshot(setup, { count, shape = 'flat' }) {
  const inProgram = (work) =>
    withProgram(
      { ...setup, workload: 'pending', execArgv: ['--expose-gc'], inspect: true },
      async ({ call, client }) => {
        await call('suspend', { count, shape });
        await untilIdle(client);
        return work(client);
      },
    );
  const whole = count > MAX_WHOLE ? {} : await inProgram(takeWhole);
  const pauses = await inProgram(async (client) => {
    const longest = [];
    for (let i = 0; i < SLICED; i++) longest.push(await takeInSlices(client));
    return longest;
  });
  return {
    awaits: shape === 'flat' ? String(count) : `${count}, ${shape}`,
    ...whole,
    firstPause: pauses[0],
    laterPause: Math.max(...pauses.slice(1)),
  };
}
