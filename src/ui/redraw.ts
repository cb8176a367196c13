/** Spaces the redraws of a tree: VS Code (1.139) waits for 200 ms without news before it redraws, so news more often than that would let it stand still. */
const APART_MS = 250;

export interface Redraw<T> {
  /** One row, or all. */
  ask(row: T | undefined): void;
  dispose(): void;
}

/** `draw` is called at once, or when the last call is long enough ago; with undefined when several things are to be redrawn. */
export function createRedraw<T>(draw: (row: T | undefined) => void): Redraw<T> {
  let lastMs = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let wanted: T | undefined;
  return {
    ask(row) {
      if (timer) {
        if (row !== wanted) wanted = undefined;
        return;
      }
      wanted = row;
      const now = (): void => {
        timer = undefined;
        lastMs = performance.now();
        draw(wanted);
      };
      const wait = lastMs + APART_MS - performance.now();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait);
    },
    dispose: () => clearTimeout(timer),
  };
}
