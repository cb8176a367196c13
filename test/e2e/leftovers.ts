/** What debug sessions must not leave behind: processes of the adapter and folders of event files. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from './waiting.ts';

const LOOK_AGAIN_MS = 100;

/** What is still there; adapters are not looked for on Windows. */
function leftovers(): string[] {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`async-lens-${process.pid}-`));
  return [...folders, ...adapters()];
}

/** Command lines of the adapters that this extension host has started. */
function adapters(): string[] {
  if (process.platform === 'win32') return [];
  const all = execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => Number.parseInt(line, 10) === process.pid && /dist[\\/]adapter[\\/]main\.js/.test(line));
}

/** How many adapters are running. */
export function adapterCount(): number {
  return adapters().length;
}

/** Resolves when nothing of the sessions is left. */
export async function allGone(): Promise<void> {
  const wait = async (): Promise<void> => {
    while (leftovers().length > 0) await delay(LOOK_AGAIN_MS);
  };
  await within(wait(), 'the end of what the sessions started', () => leftovers().join('\n'));
}
