/** Names the tasks that a request to a server of the program starts: `GET /orders/17`. */
import diagnosticsChannel from 'node:diagnostics_channel';
import { reportFault } from '../faults.ts';
import { coarseNow, refreshClock } from '../promises/clock.ts';
import { enterScope, setFew } from './scopes.ts';

/** Their handlers run at once; the others' often only when the body has been read. */
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);
const MAX_PATH = 200;

/** Method and path; what stands in a query may be private. Asked for in the middle of the program: no regular expressions. */
export function requestName(method: string, url: string): string {
  const path = pathOf(url);
  return `${method} ${path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path}`;
}

/** Without scheme and host, query and fragment. */
function pathOf(url: string): string {
  const ends = [url.indexOf('?'), url.indexOf('#')].filter((index) => index >= 0);
  const whole = url.slice(0, Math.min(url.length, ...ends));
  const scheme = whole.indexOf('://');
  if (scheme <= 0 || whole.indexOf('/') < scheme) return whole;
  const slash = whole.indexOf('/', scheme + 3);
  return slash < 0 ? '' : whole.slice(slash);
}

/** Requests in a second of which all that goes on in them is followed: of more it would show. */
const FEW = 50;
const WINDOW_MS = 1000;

let windowMs = 0;
let inWindow = 0;
let inLast = 0;

/** Whether requests have come seldom in the last second or two. */
function areFew(): boolean {
  inWindow++;
  const passed = (inWindow % FEW === 0 ? refreshClock() : coarseNow()) - windowMs;
  if (passed >= WINDOW_MS) {
    inLast = passed >= 2 * WINDOW_MS ? 0 : inWindow;
    inWindow = 0;
    windowMs += passed;
  }
  return inWindow < FEW && inLast < FEW;
}

function begin(message: unknown): void {
  const request = (message as { request?: unknown } | null | undefined)?.request;
  if (typeof request !== 'object' || request === null) return;
  const { method, url } = request as { method?: unknown; url?: unknown };
  if (typeof method !== 'string' || typeof url !== 'string') return;
  // Most are GET.
  const hasBody = method !== 'GET' && !WITHOUT_BODY.has(method);
  const isFollowed = areFew();
  setFew(isFollowed);
  enterScope(requestName, method, url, isFollowed || hasBody, !hasBody);
}

/** Node publishes right before it calls the request's handlers (Node 20 to 26). */
export function startRequestNames(): void {
  diagnosticsChannel.subscribe('http.server.request.start', (message) => {
    try {
      begin(message);
    } catch (error) {
      reportFault('request', error);
    }
  });
}
