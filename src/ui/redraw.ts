/** Spaces the redraws of a tree, so that what is on screen can be read and clicked. Pure. */

/** VS Code (1.139) waits for 200 ms without news before it redraws, so news more often than that would let it stand still. Milliseconds. */
const APART_MS = 250;
/** A tooltip comes up half a second after the pointer has come to rest, and never when its row was redrawn meanwhile. Milliseconds. */
const CALM_APART_MS = 2000;

/** `now`: the user has done something, or is to be told; `soon`: time goes by in a stall; `calm`: one of many changes while a program works. */
export type Urgency = 'now' | 'soon' | 'calm';

export interface Redraw {
  ask(urgency: Urgency): void;
  /** Draws whatever there is without waiting; what is asked for next waits from now on. */
  now(): void;
  dispose(): void;
}

/** `draw` is called at once, or when the last drawing is long enough ago; it answers whether there was anything to draw. */
export function createRedraw(draw: (isUrgent: boolean) => boolean): Redraw {
  let drawnMs = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Infinity;
  let isUrgent = false;
  const now = (urgent = isUrgent): void => {
    clearTimeout(timer);
    dueMs = Infinity;
    isUrgent = false;
    if (draw(urgent)) drawnMs = performance.now();
  };
  return {
    ask(urgency) {
      isUrgent ||= urgency === 'now';
      const due = drawnMs + (urgency === 'calm' ? CALM_APART_MS : APART_MS);
      const wait = due - performance.now();
      if (wait <= 0) return now();
      if (due >= dueMs) return;
      clearTimeout(timer);
      dueMs = due;
      timer = setTimeout(() => now(), wait);
    },
    now: () => now(true),
    dispose: () => clearTimeout(timer),
  };
}
