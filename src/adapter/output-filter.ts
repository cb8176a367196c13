/** Takes the inspector's own lines out of a program's stderr, so that the console shows what the program wrote and nothing else. */

const NOISE = ['Debugger attached.\n', 'Waiting for the debugger to disconnect...\n'];

/** Passes text on as soon as it is sure. */
export interface OutputFilter {
  write(text: string): string;
  /** What was held back, at the end of the stream. */
  end(): string;
}

/**
 * Removes each of the inspector's lines once: this adapter is one client, and a program that prints the same line keeps its own. Only whole lines at the start of a
 * line or of a chunk count; text that could still become one is held back until it cannot.
 */
export function createOutputFilter(): OutputFilter {
  const expected = new Set(NOISE.flatMap((line) => [line, line.replace('\n', '\r\n')]));
  let held = '';

  function take(line: string): void {
    const name = line.trimEnd();
    for (const other of expected) if (other.trimEnd() === name) expected.delete(other);
  }

  function filter(text: string): string {
    let passed = '';
    let rest = text;
    while (rest !== '') {
      const line = rest.slice(0, rest.indexOf('\n') + 1);
      if (expected.has(line)) {
        take(line);
      } else if (line === '') {
        if ([...expected].some((noise) => noise.startsWith(rest))) break;
        return passed + rest;
      } else {
        passed += line;
      }
      rest = rest.slice(line.length);
    }
    held = rest;
    return passed;
  }

  return {
    write(text) {
      const whole = held + text;
      held = '';
      return filter(whole);
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
