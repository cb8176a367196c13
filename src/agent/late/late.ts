/** The agent's part in a program that ran before it came: it answers from what a heap tells, and records only when it is told to. */
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import type { AgentEndpoint } from '../../protocol/endpoint.ts';
import type { LateAnswer, LatePlan } from '../../protocol/late.ts';
import { guarded } from '../faults.ts';
import { isProgramInterrupted } from '../stacks/stack.ts';
import { answerWithin, isWithinProgram } from '../stacks/within.ts';
import { timeBefore } from './numbers.ts';
import { masked } from '../walks/probe.ts';
import { adoptPromises, forgetAdopted, forgetHeld, holdPromises, noteSettled } from './adopt.ts';
import { adoptObjects, openObjects } from './handles.ts';

const { parse, stringify } = JSON;
/** For one look: nothing has an age. */
const AGELESS_MS = 3_600_000;

/** What is started runs regular expressions: see stacks/within.ts. */
const isAmidCode = (): boolean => answerWithin(isWithinProgram);

/** What only such an agent offers; `start` starts all the rest: the records of promises and resources, then the watch over the loop. */
export function newLate(
  start: Record<'recording' | 'watch', () => void>,
): Required<Pick<AgentEndpoint, 'record' | 'letGo' | 'watchLoop' | 'isRecording' | 'hold' | 'openObjects' | 'adopt'>> {
  let isRecording = false;
  let isWatching = false;
  let noting: (() => void) | undefined;
  const stopNoting = (): void => {
    noting?.();
    noting = undefined;
  };

  function adopt(promises: readonly object[], objects: readonly object[], plan: string): LateAnswer {
    if (isProgramInterrupted()) return { ok: false, error: 'the program is at work', busy: true };
    stopNoting();
    const atMs = timeBefore(performance.now() + (isRecording ? -1 : AGELESS_MS));
    adoptPromises(promises, parse(plan) as LatePlan, adoptObjects(objects, atMs), atMs);
    return { ok: true };
  }

  return {
    record() {
      if (isRecording) return true;
      if (isAmidCode()) return false;
      isRecording = true;
      guarded('record', start.recording, undefined);
      return true;
    },
    letGo() {
      stopNoting();
      if (isRecording) forgetHeld();
      else forgetAdopted();
    },
    watchLoop() {
      if (isWatching) return true;
      if (isAmidCode()) return false;
      isWatching = true;
      guarded('watch over the loop', start.watch, undefined);
      return true;
    },
    isRecording: () => isRecording,
    hold(promises) {
      stopNoting();
      if (!isRecording) {
        forgetAdopted();
        noting = v8.promiseHooks.onSettled(noteSettled) as () => void;
      }
      masked(() => holdPromises(promises));
    },
    openObjects: (timers) => openObjects(timers),
    adopt(promises, objects, plan) {
      try {
        return stringify(masked(() => adopt(promises, objects, plan)));
      } catch (error) {
        return stringify({ ok: false, error: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}
