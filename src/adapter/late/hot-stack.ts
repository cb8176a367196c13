/** Finds by V8's CPU profiler where a starved program spends its time: looks at moments of V8's choice meet it between two reactions only, or where a function begins. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from '../../protocol/agent.ts';
import { asJson, type Cdp, type Json } from '../cdp.ts';

const PROFILE_MS = 200;
const INTERVAL_US = 1000;

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  children?: number[];
  positionTicks?: { line: number; ticks: number }[];
}

/** The stack of the line of the program that was seen most often, innermost first; empty when there is none. `cdp` must not be the connection of a debugger that the user works with. */
export async function hotStack(cdp: Cdp): Promise<Frame[]> {
  try {
    await cdp.send('Profiler.enable');
    await cdp.send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await cdp.send('Profiler.start');
    await delay(PROFILE_MS);
    const { profile } = await cdp.send('Profiler.stop');
    const nodes = asJson(profile)['nodes'] as Json[] | undefined;
    return hottest((nodes ?? []) as unknown as ProfileNode[]);
  } catch {
    return []; // the program has ended, or somebody else profiles it
  } finally {
    await cdp.send('Profiler.disable').catch(() => undefined);
  }
}

/** Of a profile's nodes. */
function hottest(nodes: readonly ProfileNode[]): Frame[] {
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node] as const)));
  let most = { ticks: 0, line: 0 };
  let hot: ProfileNode | undefined;
  for (const node of nodes) {
    if (!isProgram(node)) continue;
    for (const { line, ticks } of node.positionTicks ?? []) {
      if (ticks <= most.ticks) continue;
      most = { ticks, line };
      hot = node;
    }
  }
  const stack: Frame[] = [];
  for (let node = hot; node !== undefined; node = callers.get(node.id)) {
    const { functionName, url, lineNumber, columnNumber } = node.callFrame;
    if (url === '') continue;
    // Of the line within a function the profiler knows no column.
    const at = node === hot ? { line: most.line, column: 1 } : { line: lineNumber + 1, column: columnNumber + 1 };
    stack.push({ file: url, ...at, function: functionName });
  }
  return stack;
}

const isProgram = ({ callFrame: { url } }: ProfileNode): boolean => url !== '' && !url.startsWith('node:');
