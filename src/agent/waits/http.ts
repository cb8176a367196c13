/** Tells waits for HTTP: the promise in whose executor a request is made, and how far the request has come. */
import type { WaitFacts } from '../../protocol/agent.ts';
import { guarded } from '../faults.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { WaitSource } from '../promises/promise-record.ts';
import { isInExecutor, linkLeaf } from '../resources/ties.ts';
import { weak } from './call-wait.ts';
import { emitterFacts } from './emitter-facts.ts';
import { watchHttpClasses } from './http-facts.ts';
import { noteEmitter } from './emitters.ts';
import { observe, type Call } from './observe.ts';
import { plain } from './objects.ts';
import { noteSignal } from './signal-owners.ts';
import { signalOf } from './signals.ts';
import { whenLoaded } from '../resources/when-loaded.ts';

/** A request that a promise most likely waits for, or certainly when it was made in the promise's executor. */
function requestWait(request: object, confidence: 'exact' | 'inferred'): WaitSource {
  const from = weak(request);
  const tell = (graph?: AwaitGraph): WaitFacts | undefined => emitterFacts(from(), graph);
  return {
    fromPromiseFunction: false,
    isStep: false,
    isOver: () => from() === undefined,
    describe(graph) {
      const facts = guarded('http', () => tell(graph), undefined);
      return facts && { facts, confidence };
    },
  };
}

/** Options come first, or after an address. */
function requested({ args, result }: Call): void {
  const request = plain(result);
  if (request === undefined) return;
  noteSignal(request, signalOf(args[0]) ?? signalOf(args[1]));
  noteEmitter(request);
  linkLeaf(requestWait(request, isInExecutor() ? 'exact' : 'inferred'), true);
}

/** Starts telling; call before the program's own code runs. */
export function watchHttp(): void {
  watchHttpClasses();
  for (const name of ['http', 'https']) {
    whenLoaded<object>(name, (exported) => {
      observe(exported, 'request', { returned: requested });
      observe(exported, 'get', { returned: requested });
    });
  }
}
