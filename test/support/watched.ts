/** For programs that must not go on before whoever watches them has seen something, however slow the machine is. */

/**
 * Source text: `when(shows('load', 'save'), go)` calls `go` once the watchdog has written a snapshot with such functions, `when(hasOutcomes(2), go)` once it has
 * told how so many tasks settled. Makes no promises.
 */
export const WATCHED = `
function written() {
  const { readdirSync, readFileSync } = require('node:fs');
  const folder = process.env.ASYNC_LENS_SPOOL;
  const files = readdirSync(folder).filter((name) => name.includes('-watch'));
  const texts = files.map((name) => readFileSync(folder + '/' + name, 'utf8'));
  // The last line may be on its way.
  return texts.flatMap((text) => text.split('\\n').slice(0, -1)).map((line) => JSON.parse(line));
}
const shows = (...names) => (events) =>
  events.some(({ snapshot }) => names.every((name) => snapshot?.frames.some((frame) => frame.function === name)));
const hasOutcomes = (count) => (events) => events.flatMap(({ outcomes = [] }) => outcomes).length >= count;
function when(isSo, then) {
  if (isSo(written())) then();
  else setTimeout(when, 50, isSo, then);
}`;
