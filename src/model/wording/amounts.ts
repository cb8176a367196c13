/** Amounts in words: durations, sizes and counts. */

/** An age or duration in words: "340 ms", "4.2 s", "12 s", "2 min 5 s", "1 h 3 min". */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown time';
  const value = Math.max(0, ms);
  if (value > 0 && value < 1) return '<1 ms';
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 9950) return `${(Math.round(value / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number of milliseconds as a program gives it: "250 ms", "5000 ms", and from 10 s on "30 s", "2 min 5 s". */
export function delayText(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : durationText(ms).replace('.0 ', ' ');
}

/** A size in words: "12 B", "1.5 KiB", "64 KiB", "3.2 MiB". */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const inKib = bytes / 1024;
  const [value, unit] = inKib < 1024 ? [inKib, 'KiB'] : [inKib / 1024, 'MiB'];
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
}

/** "1 task", "3 tasks"; `plural` for words that don't take an s. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Joins the known words by spaces. */
export function words(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** Joins the known clauses by commas. */
export function clauses(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}
