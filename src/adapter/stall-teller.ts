/** Tells the client of stalls while they last and when they are over, each no more often than is of use. */
import type { Frame, Stall } from '../protocol/agent.ts';
import type { CustomEvents } from '../protocol/dap.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { openStall, type Program } from '../model/program.ts';
import { lookAtThread, type ThreadLooks } from './main-thread.ts';
import type { Sources } from '../model/sources.ts';
import { stallPlace } from '../model/stalls/stall-place.ts';

export interface StallTeller {
  /** The program has announced a synchronous call. */
  began(): void;
  /** Looks through the stalls for news. */
  tell(): void;
  /** The program has not answered for that many milliseconds. */
  silent(ms: number): void;
  /** The program answers (again); `idle`: it has had little to do. */
  answered(idle: boolean): void;
}

type Told = CustomEvents['asyncLens/stall'];
type Held = Pick<Stall, 'stack' | 'after'>;

/** Shortest time between two events about one open stall, milliseconds. */
const REPEAT_MS = 250;

/** Stalls shorter than `stall.infoMs` and the program's own start-up are not told. */
export function createStallTeller(
  program: Program,
  sources: Sources,
  settings: () => LensSettings,
  send: (told: Told) => void,
): StallTeller {
  const told = new Map<number, { open: boolean; at: number }>();
  let announcedAt = 0;
  let unconfirmed: { told: Told; at: number } | undefined;
  let looks: ThreadLooks | undefined;
  /** Start-up is over. */
  let hasWaited = false;

  /** Nothing was announced: what holds the program, if that is certain. */
  function unannounced(): { api: string; stack: Frame[] } | undefined {
    const { hello } = program;
    if (!hasWaited || hello === undefined || openStall(program) !== undefined) return undefined;
    looks ??= lookAtThread(hello);
    const api = looks.doing(performance.now());
    return api && { api, stack: [] };
  }

  function news(stall: Stall): boolean {
    if (stall.kind === 'startup' || stall.durationMs < settings().stall.infoMs) return false;
    const before = told.get(stall.id);
    if (before === undefined) return true;
    return before.open && (!stall.open || performance.now() - before.at >= REPEAT_MS);
  }

  function tell(): void {
    for (const stall of program.stalls.filter(news)) {
      told.set(stall.id, { open: stall.open, at: performance.now() });
      unconfirmed = undefined;
      send(describe(stall.open, stall.durationMs, stall.api, stall));
    }
  }

  function describe(open: boolean, durationMs: number, api: string | undefined, held: Held): Told {
    const location = stallPlace(held, sources).place?.location;
    return {
      open,
      durationMs,
      ...(api === undefined ? {} : { api }),
      ...(location === undefined ? {} : { location }),
    };
  }

  return {
    tell,
    began() {
      announcedAt = performance.now();
    },
    silent(ms) {
      const now = performance.now();
      if (unconfirmed !== undefined && now - unconfirmed.at < REPEAT_MS) return;
      const isAnnounced = program.blocking !== undefined;
      const blocking = program.blocking ?? unannounced();
      if (blocking === undefined) return;
      // Only how long it has been so far: the agent tells start and end by the program's own clock afterwards.
      const silentMs = Math.round(isAnnounced ? Math.min(ms, now - announcedAt) : ms);
      const durationMs = silentMs + (openStall(program)?.durationMs ?? 0);
      if (durationMs < settings().stall.infoMs) return;
      unconfirmed = { told: describe(true, durationMs, blocking.api, blocking), at: now };
      send(unconfirmed.told);
    },
    answered(idle) {
      hasWaited ||= idle;
      looks?.forget();
      tell();
      if (unconfirmed === undefined || program.blocking !== undefined || openStall(program) !== undefined) return;
      send({ ...unconfirmed.told, open: false });
      unconfirmed = undefined;
    },
  };
}
