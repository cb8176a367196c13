/** Names the tasks that a request to a server of the program starts: `GET /orders/17`. */
import diagnosticsChannel from 'node:diagnostics_channel';
import { reportFault } from '../faults.ts';
import { enterScope } from './scopes.ts';

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

function begin(message: unknown): void {
  const request = (message as { request?: unknown } | null | undefined)?.request;
  if (typeof request !== 'object' || request === null) return;
  const { method, url } = request as { method?: unknown; url?: unknown };
  if (typeof method !== 'string' || typeof url !== 'string') return;
  // Most are GET.
  enterScope(requestName, method, url, method !== 'GET' && !WITHOUT_BODY.has(method));
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
