/** Says that a server has to close, where its `close` is called in the executor of a promise with something else than that promise's own function: by `util.promisify`, or at the end of `await using`. */
import { settlesExecutor } from '../resources/ties.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { likely, weak } from './call-wait.ts';
import { eventFacts } from './events.ts';
import { observe } from './observe.ts';

/** Starts noticing. */
export function watchServerClose(): void {
  whenLoaded<{ Server: { prototype: object } }>('net', ({ Server }) =>
    observe(
      Server.prototype,
      'close',
      {
        returned({ self, args: [callback] }) {
          const server = weak(self);
          if (typeof callback === 'function')
            settlesExecutor(() => likely(() => eventFacts(server(), 'close', undefined)));
        },
      },
      true,
    ),
  );
}
