/** What is known of a program that was over before it could be joined: its last words in the event files. */
import type * as vscode from 'vscode';
import { asLoaded, createSources } from '../adapter/source-maps.ts';
import { mainThreadOf, readSpool } from '../adapter/spool-reader.ts';
import { runRules } from '../model/findings.ts';
import { applyEvent, endProgram, newProgram } from '../model/program.ts';
import { buildReport } from '../model/report/report.ts';
import { buildView } from '../model/view.ts';
import type { LensView } from '../protocol/dap.ts';
import type { Report } from '../protocol/report.ts';
import { lensSettings } from './settings.ts';

/** The end of the program behind a session of the JavaScript debugger, which is named after its process; undefined when it left nothing. */
export function readRemains(
  { name, workspaceFolder }: vscode.DebugSession,
  spool: string,
  toolVersion: string,
): { view: LensView; report: Report } | undefined {
  const pid = /\[(\d+)\]/.exec(name)?.[1];
  const events = mainThreadOf(readSpool(spool), pid === undefined ? undefined : Number(pid))?.events;
  if (!events) return undefined;
  const program = newProgram();
  for (const event of events) applyEvent(program, event);
  endProgram(program, program.exit ?? { code: null, signal: null });
  const sources = asLoaded(createSources(), () => program.hello?.startTime);
  const settings = lensSettings(workspaceFolder);
  return {
    view: buildView(program, sources, { revision: 1, paused: false, settings }),
    report: buildReport(program, runRules(program, settings, sources), sources, { toolVersion }),
  };
}
