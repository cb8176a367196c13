/** Waits for sockets, servers, HTTP and processes in words. */
import type { WaitFacts } from '../../protocol/agent.ts';
import type { ConnectionsFacts } from '../../protocol/waits.ts';
import { bytesText, clauses, countOf, durationText, words } from './amounts.ts';

type FactsOf<K extends WaitFacts['kind']> = Extract<WaitFacts, { kind: K }>;

/** Shorter idle times say nothing. Milliseconds. */
const IDLE_FROM_MS = 5000;

function socketName({ family, tls }: FactsOf<'socket'>): string {
  if (family === 'udp') return 'UDP socket';
  if (family === 'pipe') return 'pipe';
  return family === 'tty' ? 'terminal' : tls === true ? 'TLS socket' : 'socket';
}

function connecting({ remote, local, phase, tls }: FactsOf<'socket'>): string {
  const peer = remote ?? local ?? 'a peer';
  if (phase === 'dns') return words('looking up', peer);
  if (phase === 'tls') return words('TLS handshake with', peer);
  return words('connecting to', peer, tls === true ? '(TLS)' : undefined);
}

const STATES: Partial<Record<FactsOf<'socket'>['state'], string>> = {
  unconnected: 'not connected',
  ended: 'ended on this side',
  'peer-ended': 'ended by the other side',
  closed: 'closed',
};
/** What is waited for when nothing lies in a buffer. */
const NEXT: Partial<Record<FactsOf<'socket'>['state'], string>> = {
  open: 'waiting for data',
  ended: 'waiting for the other side',
  closing: 'waiting for it to close',
};

/** "socket 127.0.0.1:5432, waiting for data, idle 12 s", "request GET /x of 127.0.0.1:50312, not answered yet". */
export function socketText(facts: FactsOf<'socket'>): string {
  const { state, local, remote, output, unsent, unread, idleMs, serving } = facts;
  if (state === 'connecting') return connecting(facts);
  const isInput = output?.startsWith('stdin') === true;
  const unsentText = unsent === undefined ? undefined : `${bytesText(unsent)} not taken yet`;
  const idleText = idleMs === undefined || idleMs < IDLE_FROM_MS ? undefined : `idle ${durationText(idleMs)}`;
  if (serving !== undefined) {
    const { request, begun } = serving;
    const name = remote === undefined ? `request ${request}` : `request ${request} of ${remote}`;
    return clauses(name, begun === true ? 'not answered to the end' : 'not answered yet', unsentText, idleText);
  }
  const unreadText = unread === undefined ? undefined : unread === 0 ? 'paused' : `${bytesText(unread)} not read yet`;
  const held = isInput || state === 'closed' ? unsentText : clausesOrNone(unsentText, unreadText);
  return clauses(
    output ?? words(socketName(facts), remote ?? local),
    STATES[state],
    held ?? (isInput && state === 'open' ? undefined : NEXT[state]),
    idleText,
  );
}

function clausesOrNone(...texts: (string | undefined)[]): string | undefined {
  return texts.some((text) => text !== undefined) ? clauses(...texts) : undefined;
}

/** "server on 127.0.0.1:3000, 1 connection". */
export function serverText({ address, connections, state }: FactsOf<'server'>): string {
  const name = address === undefined ? 'server' : `server on ${address}`;
  const count = connections === undefined ? undefined : countOf(connections, 'connection');
  if (state === 'closing') return `${name}, waiting for ${count ?? 'connections'} to end`;
  return clauses(name, count);
}

const PHASES: Record<NonNullable<FactsOf<'http'>['phase']>, string> = {
  socket: 'waiting for a free connection',
  dns: 'looking up the host',
  connect: 'waiting for a connection',
  tls: 'TLS handshake',
  program: 'waiting for the program to end the request',
  send: 'sending',
  headers: 'waiting for headers',
  body: 'waiting for the body',
  reader: 'waiting for the program to read the body',
  answer: 'not answered yet',
  response: 'sending the response',
};

/** "waiting for a free socket: 2 of 2 in use, 1 by a response that nobody reads, 3 queued". */
function connectionsText({ inUse, size, total, queued, unread }: ConnectionsFacts): string {
  const all = total === true ? ' (for all hosts)' : '';
  const readers = unread === 1 ? 'a response' : 'responses';
  const unreadText = unread === undefined ? undefined : `${unread} by ${readers} that nobody reads`;
  return `waiting for a free socket: ${clauses(`${inUse} of ${size} in use${all}`, unreadText, `${queued} queued`)}`;
}

/** "GET http://host/x, waiting for headers"; of a server "request GET /x, sending the response". */
export function httpText({
  method,
  url,
  phase,
  server,
  status,
  connections,
  unsent,
  remote,
}: Omit<FactsOf<'http'>, 'kind'>): string {
  const name = server === true ? 'request' : url === undefined ? 'HTTP' : undefined;
  return clauses(
    words(name, method, url),
    status === undefined ? undefined : `status ${status}`,
    connections === undefined ? phase && PHASES[phase] : connectionsText(connections),
    unsent === undefined ? undefined : words(bytesText(unsent), 'not taken by', remote ?? 'the client'),
  );
}

/** "child process 1234 (ls -l), waiting for its exit". */
export function processText({ pid, command, phase, unread }: FactsOf<'child-process'>): string {
  const outputs = unread?.join(' and ');
  return clauses(
    words('child process', pid?.toString(), command === undefined ? undefined : `(${command})`),
    phase === 'exit'
      ? 'waiting for its exit'
      : phase === 'output'
        ? 'ended, waiting for the end of its output'
        : undefined,
    outputs === undefined ? undefined : `nobody reads its ${outputs}`,
  );
}
