/** Says what questions asked by `readline` wait for, by promise or by a callback in the executor of one. */
import { settlesExecutor } from '../resources/ties.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { callWait, likely, settles, weak, withAbort } from './call-wait.ts';
import { noteEmitter } from './emitters.ts';
import { eventFacts } from './events.ts';
import { observe, type Call } from './observe.ts';
import { abortOf, signalOf } from './signals.ts';
import { notePrompt } from './prompts.ts';
import type { WaitFacts } from '../../protocol/waits.ts';

function asked({ self, args: [question, options] }: Call): () => WaitFacts | undefined {
  const from = weak(self);
  const signal = weak(signalOf(options));
  return () => withAbort(eventFacts(from(), question, 'question'), abortOf(signal()));
}

interface Readline {
  Interface: { prototype: object };
}

/** Starts noticing. */
export function watchReadline(): void {
  whenLoaded<Readline>('readline', (readline) => {
    observe(readline, 'createInterface', {
      returned({ result }) {
        noteEmitter(result);
        notePrompt(result);
      },
    });
    const returned = (call: Call): void => {
      if (typeof call.args.at(-1) === 'function') settlesExecutor(() => likely(asked(call)));
    };
    observe(readline.Interface.prototype, 'question', { returned }, true);
  });
  whenLoaded<Readline>('readline/promises', ({ Interface }) =>
    observe(Interface.prototype, 'question', { returned: (call) => settles(call.result, callWait(asked(call))) }, true),
  );
}
