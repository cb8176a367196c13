/** `async-lens run`: runs a program with the agent and reports what became of it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withAgent } from '../adapter/node-options.ts';
import { leaveSpoolFolder, makeSpoolFolder } from '../adapter/spool-folder.ts';
import { asLoaded, createSources } from '../adapter/source-maps.ts';
import { runRules } from '../model/findings.ts';
import type { Program } from '../model/program.ts';
import { buildReport } from '../model/report/report.ts';
import { buildTree } from '../model/tree/tree.ts';
import { SPOOL_VARIABLE } from '../protocol/agent.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { CREATION_STACKS_VARIABLE } from '../protocol/tasks.ts';
import { WATCH_FILE, type WatchOptions } from '../protocol/watch.ts';
import type { RunOptions } from './args.ts';
import { exitCodeOf, startChild } from './child.ts';
import { Failure, messageOf } from './failure.ts';
import { choose, type Told } from './others.ts';
import type { Outcome } from './outcome.ts';
import { lastStates } from './outcome.ts';
import { reportText, wantsColour } from './print.ts';
import { readSettings } from './settings.ts';
import { targetOf } from './target.ts';
import { limitTime } from './time-limit.ts';
import { VERSION } from './version.ts';
import { checkWritable } from './writable.ts';

/** Runs the program to its end, reports, and gives the exit code: the program's own. Rejects with a {@link Failure} when Async Lens itself fails. */
export async function run(options: RunOptions, agentFile: string): Promise<number> {
  const { json, durationMs, program, args } = options;
  if (!existsSync(agentFile)) throw new Failure(`its agent is missing (${agentFile}): install Async Lens again`);
  const settings = readSettings(options.settings);
  const target = targetOf(program, args);
  if (json !== undefined) checkWritable(json);
  const watch: WatchOptions = {
    durationMs: durationMs ?? null,
    sinceMs: Date.now(),
    findDeadAwaits: options.findDeadAwaits === true,
    profiler: options.profiler ?? settings.stall.profiler ?? 'auto',
  };
  const spool = createSpool(watch);
  try {
    const startTime = Date.now();
    const start = performance.now();
    const child = await startChild(target, program, environment(agentFile, spool, options));
    const cutOff = durationMs !== undefined && (await limitTime(child, spool, durationMs));
    const end = await child.ended;
    const outcome = { spool, pid: child.pid, end, startTime, durationMs: performance.now() - start };
    report(options, settings, cutOff ? { ...outcome, cutOffMs: durationMs } : outcome);
    return exitCodeOf(end);
  } finally {
    leaveSpoolFolder(spool);
  }
}

function environment(agentFile: string, spool: string, { creationStacks }: RunOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: withAgent(agentFile, process.env['NODE_OPTIONS']),
    [SPOOL_VARIABLE]: spool,
    ...(creationStacks === undefined ? {} : { [CREATION_STACKS_VARIABLE]: creationStacks }),
  };
}

function report({ program: command, args, json, quiet }: RunOptions, settings: LensSettings, outcome: Outcome): void {
  const { pid, startTime, durationMs } = outcome;
  const { program, others, silent, notes: ofOthers, note } = lastStates(outcome);
  const files = createSources();
  const tell = (each: Program): Told => {
    const sources = asLoaded(files, () => each.hello?.startTime);
    return { program: each, sources, findings: runRules(each, settings, sources) };
  };
  const { findings, sources } = tell(program);
  const told = others.map(tell);
  const context = { pid, startTime, durationMs, argv: [command, ...args], cwd: process.cwd(), toolVersion: VERSION };
  const result = buildReport(program, findings, sources, context);
  if (!quiet) {
    const { shown, notes } = choose(told, silent);
    const all = note === undefined ? notes : [note, ...notes];
    const tree = [
      ...buildTree(program, findings, sources, { notes: all, onlyPending: true }),
      ...shown.flatMap((each) => {
        const said = ofOthers.get(each.program);
        return buildTree(each.program, each.findings, each.sources, {
          notes: said === undefined ? [] : [said],
          onlyPending: true,
        });
      }),
    ];
    process.stderr.write(reportText(result, tree, wantsColour(process.stderr, process.env)));
  }
  if (json === undefined) return;
  const more = told.map((each) => buildReport(each.program, each.findings, each.sources, { toolVersion: VERSION }));
  try {
    writeFileSync(json, `${JSON.stringify(more.length === 0 ? result : { ...result, others: more }, undefined, 2)}\n`);
  } catch (error) {
    throw new Failure(`the report cannot be written: ${messageOf(error)}`);
  }
}

function createSpool(watch: WatchOptions): string {
  try {
    const folder = makeSpoolFolder();
    writeFileSync(join(folder, WATCH_FILE), JSON.stringify(watch));
    return folder;
  } catch (error) {
    throw new Failure(`no folder for temporary files: ${messageOf(error)}`);
  }
}
