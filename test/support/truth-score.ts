/** Counts how much of what the programs of test/truth have to tell is told, and how much of what is told is true. */
import type { Finding } from '../../src/protocol/report.ts';
import { textOf, type TruthProgram } from './truth.ts';

export interface Score {
  /** What was found in one program, each once. */
  add(program: TruthProgram, findings: readonly Finding[]): void;
  /** The numbers, in words. */
  text(): string;
  /** Which of them are too low; none in a good run. */
  shortfalls(): string[];
}

interface Part {
  hits: number;
  of: number;
}

/** Per cent. */
const LEAST = { recall: 95, proved: 100, likely: 95 };

/** Of no program yet. */
export function newScore(): Score {
  const parts: Record<keyof typeof LEAST, Part> = {
    recall: { hits: 0, of: 0 },
    proved: { hits: 0, of: 0 },
    likely: { hits: 0, of: 0 },
  };
  let programs = 0;
  let missed = 0;

  const percent = ({ hits, of }: Part): number => (of === 0 ? 100 : (100 * hits) / of);
  const words = ({ hits, of }: Part): string => `${percent({ hits, of }).toFixed(1)} % (${hits} of ${of})`;

  return {
    add(program, findings) {
      programs++;
      missed += program.missed.length;
      const open = [...program.expected];
      for (const finding of findings) {
        const at = open.indexOf(textOf(finding, program));
        const part = parts[finding.confidence];
        part.of++;
        if (at < 0) continue;
        part.hits++;
        open.splice(at, 1);
      }
      parts.recall.of += program.expected.length;
      parts.recall.hits += program.expected.length - open.length;
    },
    text() {
      const { recall, proved, likely } = parts;
      const withLimits = { hits: recall.hits, of: recall.of + missed };
      return [
        `${programs} programs. Recall ${words(recall)}; with the ${missed} known limits ${words(withLimits)}.`,
        `Precision of what is proved ${words(proved)}, of what is likely ${words(likely)}.`,
      ].join('\n');
    },
    shortfalls: () =>
      (Object.keys(LEAST) as (keyof typeof LEAST)[]).filter((name) => percent(parts[name]) < LEAST[name]),
  };
}
