/** Knows emitters on which promises may wait and that no handle leads to: requests, file streams, child processes. */
import { own } from './objects.ts';
import { newWeakList } from './weak-list.ts';

/** Requests, responses and streams say so themselves. */
const emitters = newWeakList((emitter) => own(emitter, 'destroyed') === true);

/** Remembers an emitter, as long as it lives; 0.2 us. */
export function noteEmitter(emitter: unknown): void {
  if (typeof emitter === 'object' && emitter !== null) emitters.note(emitter);
}

/** The latest that are still alive, each once, at most `limit`. */
export const notedEmitters = emitters.latest;
