/** Keeps the answers of a fake server back until the test lets them go, and tells when enough of them are waiting. */

export interface Gate {
  /** Sends the answer now when the gate is open, else when it opens. */
  pass(answer: () => void): void;
  /** Resolves as soon as at least `count` answers are kept back. */
  held(count: number): Promise<void>;
  /** Sends everything kept back, in order; later answers pass at once. */
  open(): void;
  /** Keeps later answers back. A new gate is shut. */
  shut(): void;
}

export function newGate(): Gate {
  let shut = true;
  let answers: (() => void)[] = [];
  let watchers: { count: number; resolve: () => void }[] = [];

  return {
    pass(answer) {
      if (!shut) {
        answer();
        return;
      }
      answers.push(answer);
      for (const watcher of watchers) if (answers.length >= watcher.count) watcher.resolve();
      watchers = watchers.filter((watcher) => answers.length < watcher.count);
    },
    held(count) {
      if (answers.length >= count) return Promise.resolve();
      return new Promise((resolve) => watchers.push({ count, resolve }));
    },
    open() {
      shut = false;
      const kept = answers;
      answers = [];
      for (const answer of kept) answer();
    },
    shut() {
      shut = true;
    },
  };
}
