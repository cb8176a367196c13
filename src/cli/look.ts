/** `async-lens ps`: lists Node.js processes, or shows what one of them waits for. */
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { addressOf, connectTo } from '../adapter/address.ts';
import { isEnding } from '../adapter/asking.ts';
import type { Cdp } from '../adapter/cdp.ts';
import { lookAtWorkers, lookOnce, type Look, type ThreadLook } from '../adapter/late/look.ts';
import { openProcess } from '../adapter/late/open.ts';
import { nodeProcesses } from '../adapter/late/processes.ts';
import { letGo } from '../adapter/late/take-in.ts';
import { asLoaded, createSources } from '../adapter/source-maps.ts';
import { runRules } from '../model/findings.ts';
import { applySnapshot, newProgram } from '../model/program.ts';
import { buildReport } from '../model/report/report.ts';
import { buildTree } from '../model/tree/tree.ts';
import { treeText } from '../model/tree/tree-text.ts';
import { dotted, durationText } from '../model/wording/wording.ts';
import type { Report } from '../protocol/report.ts';
import { DEFAULT_SETTINGS } from '../protocol/settings.ts';
import { Failure, messageOf } from './failure.ts';
import { LOOK_HELP, type Address, type LookOptions } from './look-args.ts';
import { styleFor } from './print.ts';
import { VERSION } from './version.ts';
import { checkWritable } from './writable.ts';

/** Does it, and gives the exit code: 0. Rejects with a {@link Failure} or a coded error. */
export async function look({ help, target, json, anyway }: LookOptions, agentFile: string): Promise<number> {
  if (help === true) process.stdout.write(LOOK_HELP);
  else if (target === undefined) process.stdout.write(await listText());
  else {
    if (json !== undefined) checkWritable(json);
    const seen = async (cdp: Cdp): Promise<All> => {
      const main = await lookOnce(cdp, agentFile, anyway);
      const workers = main.state === 'seen' ? await lookAtWorkers(cdp, agentFile, anyway) : [];
      return { main, workers };
    };
    return await lookAt(await connect(target), seen, json);
  }
  return 0;
}

interface All {
  main: Look;
  workers: ThreadLook[];
}

/** The program goes on as before also when the user ends this: 130 or 143 is the exit code then. */
async function lookAt(cdp: Cdp, seen: (cdp: Cdp) => Promise<All>, json: string | undefined): Promise<number> {
  let signal: (typeof SIGNALS)[number] | undefined;
  const stop = (sent: (typeof SIGNALS)[number]): void => {
    signal = sent;
    void letGo(cdp);
    cdp.close();
  };
  for (const each of SIGNALS) process.once(each, stop);
  try {
    show(await seen(cdp), json);
    return 0;
  } catch (error) {
    if (signal !== undefined) return 128 + constants.signals[signal];
    throw isEnding(error)
      ? new Failure('the program has ended meanwhile, or somebody else has closed its inspector')
      : error;
  } finally {
    cdp.close();
    await cdp.closed;
    for (const each of SIGNALS) process.off(each, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function connect(target: Address): Promise<Cdp> {
  return 'pid' in target ? openProcess(target.pid) : connectTo(await addressOf(target));
}

async function listText(): Promise<string> {
  const all = await nodeProcesses().catch((error: unknown) => {
    throw new Failure(`the system does not list its processes: ${messageOf(error)}`);
  });
  if (all.length === 0) return 'No Node.js processes\n';
  const rows = all.map(({ pid, command, inspectorPort, withAgent }) => ({
    pid: String(pid),
    facts: dotted(
      inspectorPort === undefined ? undefined : `inspector :${inspectorPort}`,
      withAgent ? 'with Async Lens' : undefined,
    ),
    command: printable(command.join(' ')),
  }));
  const width = (column: 'pid' | 'facts'): number => Math.max(...rows.map((row) => row[column].length));
  const [pids, facts] = [width('pid'), width('facts')];
  const gap = facts === 0 ? '' : '  ';
  return rows.map((row) => `${row.pid.padStart(pids)}${gap}${row.facts.padEnd(facts)}  ${row.command}\n`).join('');
}

/** Commands must not drive the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

function show({ main: found, workers }: All, json: string | undefined): void {
  if (found.state === 'silent')
    throw new Failure(
      `the program has not answered for ${durationText(found.ms)}: a call outside of JavaScript blocks its event loop, such as execSync, or a debugger holds it`,
    );
  if (found.state === 'long') throw new Failure(`${longText('the program', found.ms)}: --anyway does it all the same`);
  if (found.state === 'blocked') {
    process.stdout.write(blockedText('', found));
    if (json !== undefined) throw new Failure('there is no report of a program that is blocked');
    return;
  }
  const report = showSeen(found);
  const others = workers.flatMap(showWorker);
  if (json === undefined) return;
  try {
    const all = others.length === 0 ? report : { ...report, others };
    writeFileSync(json, `${JSON.stringify(all, undefined, 2)}\n`);
  } catch (error) {
    throw new Failure(`the report cannot be written: ${messageOf(error)}`);
  }
}

function showSeen({ hello, snapshot, watched }: Extract<Look, { state: 'seen' }>): Report {
  const program = newProgram();
  program.hello = hello;
  applySnapshot(program, snapshot);
  const sources = asLoaded(createSources(), () => hello.startTime);
  const findings = runRules(program, DEFAULT_SETTINGS, sources);
  const notes = watched ? [] : [LATE];
  const tree = buildTree(program, findings, sources, { notes, onlyPending: true });
  process.stdout.write(`${treeText(tree, styleFor(process.stdout, process.env))}\n`);
  return buildReport(program, findings, sources, { toolVersion: VERSION });
}

function showWorker({ title, look: found }: ThreadLook): Report[] {
  if (found.state === 'seen') return [showSeen(found)];
  const text =
    found.state === 'blocked'
      ? blockedText(`${title}: `, found)
      : found.state === 'silent'
        ? `${title}: it has not answered for ${durationText(found.ms)}: a call outside of JavaScript blocks its event loop, such as Atomics.wait\n`
        : `${longText(title, found.ms)}: --anyway looks at it all the same\n`;
  process.stdout.write(text);
  return [];
}

const longText = (who: string, ms: number): string =>
  `its heap is so large that ${who} would stand still for about ${durationText(ms)}`;

const LATE = 'It runs without Async Lens: how long its tasks wait is not known, nor who started them';

function blockedText(who: string, { stack, starved, ms }: Extract<Look, { state: 'blocked' }>): string {
  const lines = stack.map(
    ({ file, line, column, function: name }) => `    at ${name || '(anonymous)'} (${file}:${line}:${column})`,
  );
  const why = starved ? ', for reactions of promises run one after the other' : '';
  return printLines([
    `${who}The event loop is ${starved ? 'starved' : 'blocked'}: it has not turned for ${durationText(ms)}${why}. ${starved ? 'Where most of the time goes:' : 'What runs:'}`,
    ...(lines.length === 0 ? ['    it was not seen'] : lines),
  ]);
}

const printLines = (lines: readonly string[]): string => lines.map((line) => `${printable(line)}\n`).join('');
