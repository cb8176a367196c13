/** Finds the WebSocket address behind the arguments of an attach, and connects to it. */
import { get } from 'node:http';
import type { AttachArguments } from '../protocol/dap.ts';
import { messageOf } from './asking.ts';
import { asJson, connectCdp, type Cdp } from './cdp.ts';
import { inspectorUnreachable } from './errors.ts';

const CONNECT_MS = 5000;
const SOMETHING_ELSE = 'something else answers there';

/** Connects to the inspector at an address; rejects with `inspectorUnreachable`. */
export async function connectTo(url: string): Promise<Cdp> {
  try {
    return await connectCdp(url, CONNECT_MS);
  } catch (error) {
    throw inspectorUnreachable(url, reasonOf(error));
  }
}

/** The address of the program; rejects with `inspectorUnreachable` when a port must be asked and nobody answers. */
export async function addressOf({ url, proxy, host = '127.0.0.1', port }: AttachArguments): Promise<string> {
  if (url !== undefined) return url;
  if (proxy !== undefined) return `ws://${bracketed(proxy.host)}:${proxy.port}/${proxy.path.replace(/^\//, '')}`;
  const address = `${bracketed(host)}:${port}`;
  const targets = await listTargets(address);
  const found = targets
    .map((target) => asJson(target)['webSocketDebuggerUrl'])
    .find((value) => typeof value === 'string');
  if (found === undefined) throw inspectorUnreachable(address, 'it offers no program to attach to');
  return found;
}

async function listTargets(address: string): Promise<unknown[]> {
  try {
    const targets: unknown = JSON.parse(await textAt(`http://${address}/json/list`));
    if (Array.isArray(targets)) return targets as unknown[];
  } catch (error) {
    throw inspectorUnreachable(address, reasonOf(error));
  }
  throw inspectorUnreachable(address, SOMETHING_ELSE);
}

/** Not by `fetch`, which refuses some ports that an inspector may well listen on. */
function textAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: CONNECT_MS, agent: false }, (response) => {
      let all = '';
      response.setEncoding('utf8').on('data', (text: string) => (all += text));
      response.on('end', () => resolve(all)).on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${CONNECT_MS / 1000} s`)));
    request.on('error', reject);
  });
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || asJson(error)['code'] === 'HPE_INVALID_CONSTANT') return SOMETHING_ELSE;
  const code = asJson(error)['code'];
  return code === 'ECONNREFUSED' ? 'connection refused' : messageOf(error) || String(code);
}
