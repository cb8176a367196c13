/** Turns the numbers of the rounds into medians, ratios and text tables. */

export function median(values) {
  const sorted = [...values].toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** `rounds[variant]` holds one number a round; a ratio compares the numbers of the same round. */
export function summarise(name, unit, rounds) {
  const ratios = {};
  for (const [variant, values] of Object.entries(rounds)) {
    if (variant !== 'bare') ratios[variant] = spread(values.map((value, round) => value / rounds.bare[round]));
  }
  return { name, unit, values: rounds, bare: spread(rounds.bare), ratios };
}

function short(number) {
  return number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

/** Rows of cells as a Markdown table with aligned columns; the first row is the head. */
function markdown(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

/** What is added to something of nanoseconds: by the least of all rounds, for both are least where the machine had nothing else to do. */
function added({ unit, values }, variant) {
  if (unit !== 'ns') return '';
  const more = Math.min(...values[variant]) - Math.min(...values.bare);
  return `, ${more < 0 ? '' : '+'}${more.toFixed(0)} ns`;
}

/** One row per number: bare in its unit, every variant as ratio to bare with min and max, and what it adds to nanoseconds. */
export function ratioTable(summaries, variants) {
  const head = ['', 'bare', ...variants.map((variant) => `${variant} (ratio)`)];
  const rows = summaries.map(({ name, unit, bare, ratios, values }) => [
    name,
    `${short(bare.median)} ${unit} (${short(bare.min)}-${short(bare.max)})`,
    ...variants.map((variant) => {
      const ratio = ratios[variant];
      return `${short(ratio.median)} (${short(ratio.min)}-${short(ratio.max)})${added({ unit, values }, variant)}`;
    }),
  ]);
  return markdown([head, ...rows]);
}

/** What each variant costs on top of its base: the ratio of the numbers of the same round. */
export function onTopTable(summaries, variants) {
  const head = ['on top of', ...variants.map(({ name, base }) => `${base}: ${name} (ratio)`)];
  const rows = summaries.map(({ name, values }) => [
    name,
    ...variants.map((variant) => {
      const ratio = spread(values[variant.name].map((value, round) => value / values[variant.base][round]));
      return `${short(ratio.median)} (${short(ratio.min)}-${short(ratio.max)})`;
    }),
  ]);
  return markdown([head, ...rows]);
}

/** Of a few runs; the shortest says most on a busy machine. */
function brief(values) {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return '';
  const { median: middle, min, max } = spread(known);
  return `${short(middle)} (${short(min)}-${short(max)})`;
}

/** One row for each number of awaits, from all its rounds; milliseconds. */
export function snapshotTable(snapshots) {
  const head = [
    'pending awaits',
    'first snapshot, ms',
    'second',
    'later ones',
    'longest pause of polls at first, ms',
    'later',
    'JSON bytes',
    'tasks found',
    'left out',
  ];
  const rows = snapshots.map((rounds) => {
    const all = (name) => brief(rounds.map((round) => round[name]));
    const times = ['first', 'second', 'later', 'firstPause', 'laterPause'].map(all);
    const { awaits, bytes, pendingTasks, droppedEvents } = rounds[0];
    return [awaits, ...times, ...[bytes, pendingTasks, droppedEvents].map((number) => String(number ?? ''))];
  });
  return markdown([head, ...rows]);
}
