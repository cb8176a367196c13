/** The ways in which the same workload runs: bare, with the agent, and under a debugger. */

import { fileURLToPath } from 'node:url';

/** As in src/protocol/polls.ts. */
const POLL_MS = 30;
const IDLE_POLL_MS = 60;
const REST_POLL_MS = 5000;
/** How long the adapter lets one slice of a snapshot take. */
export const BUDGET_MS = 8;
const AGENT = "globalThis[Symbol.for('async-lens.agent')]";

/** An expression that asks the agent and gives its answer as JSON text. */
export function agentRequest(request) {
  return `${AGENT}.request(${JSON.stringify(JSON.stringify(request))})`;
}

/** Connects events and polls as the adapter does; returns the function that stops it. */
async function watch(client) {
  await client.send('Runtime.addBinding', { name: '__asyncLensBench' });
  const answer = JSON.parse(await client.evaluate(agentRequest({ request: 'connect', binding: '__asyncLensBench' })));
  if (!answer.ok) throw new Error(`the agent refused to connect: ${answer.error}`);
  let failure;
  let timer;
  let ended = 0;
  let resting = false;
  const pollIn = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), ms);
  };
  const poll = async () => {
    resting = false;
    try {
      const request = agentRequest({ request: 'poll', paused: false, mayRest: true });
      const { value } = JSON.parse(await client.evaluate(request));
      resting = value?.rest > ended;
      pollIn(resting ? REST_POLL_MS : value?.idle ? IDLE_POLL_MS : POLL_MS);
    } catch (error) {
      failure = error;
    }
  };
  client.on('Runtime.bindingCalled', ({ payload }) => {
    for (const { event, rest } of JSON.parse(payload)) if (event === 'awake') ended = rest;
    if (resting) pollIn(IDLE_POLL_MS);
    resting = false;
  });
  pollIn(POLL_MS);
  return () => {
    clearTimeout(timer);
    if (failure) throw failure;
  };
}

/** What the JavaScript debugger of VS Code does by default to every program. */
async function debug(client) {
  await client.send('Runtime.enable');
  await client.send('Debugger.enable');
  await client.send('Debugger.setAsyncCallStackDepth', { maxDepth: 32 });
  await client.send('Debugger.setPauseOnExceptions', { state: 'none' });
  await client.send('Debugger.setSkipAllPauses', { skip: false });
}

async function debugAndWatch(client) {
  await debug(client);
  return watch(client);
}

/** `base` is the variant that this one adds to; `attach` gets an inspector client and may return a function that undoes it; without `attach` no inspector is open. */
export const VARIANTS = [
  { name: 'bare', agent: false },
  { name: 'agent', agent: true },
  { name: 'agent + poll', agent: true, attach: watch },
  { name: 'debugger', agent: false, attach: debug },
  { name: 'debugger + agent', base: 'debugger', agent: true, attach: debugAndWatch },
];

const emptyHooks = fileURLToPath(new URL('empty-hooks.cjs', import.meta.url));

/** Run only when named: what hooks cost that do nothing, the least that anything like the agent can cost. */
export const FLOOR = { name: 'empty hooks', agent: false, options: `--require ${JSON.stringify(emptyHooks)}` };

export const CAPTION = [
  'agent: preloaded by NODE_OPTIONS, nobody looks.',
  `agent + poll: an inspector client asks the agent every ${POLL_MS} ms (every ${IDLE_POLL_MS} ms while it idles, every ${REST_POLL_MS / 1000} s while it rests), as the adapter does.`,
  "debugger: a client that does what VS Code's JavaScript debugger does by default (Runtime.enable, Debugger.enable,",
  'Debugger.setAsyncCallStackDepth 32, no pause on exceptions); no agent.',
  'debugger + agent: both, as in a debug session with Async Lens.',
].join('\n');
