/** Runs the ways of one measure once a round, one after the other, so that drift of the machine meets all of them. */
import { summarise } from './table.mjs';

/** `run(way)` gives named numbers, or `{ value, unit }` where the unit is not that of the measure; one of the named `ways` is bare. */
export async function measureRounds({ name: measure, unit: usual }, ways, rounds, run, progress) {
  const numbers = {};
  const units = {};
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      progress(`${measure}, round ${round + 1} of ${rounds}, ${way.name}`);
      for (const [name, result] of Object.entries(await run(way))) {
        const { value, unit } = typeof result === 'number' ? { value: result, unit: usual } : result;
        units[name] = unit;
        ((numbers[name] ??= {})[way.name] ??= []).push(value);
      }
    }
  }
  return Object.entries(numbers).map(([name, values]) => summarise(name, units[name], values));
}
