/** Starts what tells the waits of Node's own functions, where neither promise nor resource does. */
import diagnosticsChannel from 'node:diagnostics_channel';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timersPromises from 'node:timers/promises';
import { reportFault } from '../faults.ts';
import { intercept } from '../stacks/intercept.ts';
import { touch } from './resources.ts';
import { watchSignalListeners } from '../growth/signal-listeners.ts';
import { expectPromiseTimer } from './ties.ts';
import { watchAddedListeners } from '../waits/added-listeners.ts';
import { noteEmitter } from '../waits/emitters.ts';
import { watchEvents } from '../waits/events.ts';
import { watchDisposing } from '../waits/disposing.ts';
import { watchFetches } from '../waits/fetches.ts';
import { watchFiles } from '../waits/files.ts';
import { watchFromAsync } from '../waits/from-async.ts';
import { watchHttp } from '../waits/http.ts';
import { own } from '../waits/objects.ts';
import { observe } from '../waits/observe.ts';
import { watchSignals } from '../waits/signals.ts';
import { watchIntervals } from '../waits/intervals.ts';
import { watchProcessClass } from '../waits/process-facts.ts';
import { watchReadline } from '../waits/readline.ts';
import { watchServerClose } from '../waits/server-close.ts';
import { watchStreams } from '../waits/streams.ts';
import { watchWriting } from '../waits/writes.ts';
import { watchSubtle } from '../waits/subtle.ts';
import { watchMemory } from '../waits/memory.ts';
import { watchWebLocks } from '../waits/web-locks.ts';
import { watchTargets } from '../waits/targets.ts';
import { watchWebStreams } from '../waits/web-streams.ts';
import { whenLoaded } from './when-loaded.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** A write asks the other side for something. `_writeGeneric` calls no code of the program before it returns, so the extra frame is never seen. */
function watchWrites(): void {
  const prototype = net.Socket.prototype as unknown as {
    _writeGeneric?: (writev: unknown, data: unknown, encoding: unknown, callback: unknown) => unknown;
    _handle?: unknown;
  };
  const original = prototype._writeGeneric;
  if (original === undefined) return;
  prototype._writeGeneric = function _writeGeneric(this: typeof prototype, writev, data, encoding, callback): unknown {
    try {
      const handle = this._handle;
      if (typeof handle === 'object' && handle !== null) touch(handle);
    } catch (error) {
      reportFault('write', error);
    }
    return apply(original, this, [writev, data, encoding, callback]);
  };
}

/** Emitters that no live handle leads to. Anybody may publish anything on a channel, so nothing is expected of a message. */
function watchEmitters(): void {
  diagnosticsChannel.subscribe('child_process', (message) => noteEmitter(own(message, 'process')));
  diagnosticsChannel.subscribe('worker_threads', (message) => noteEmitter(own(message, 'worker')));
  for (const name of ['net', 'http', 'https']) {
    whenLoaded<object>(name, (exported) =>
      observe(exported, 'createServer', { returned: ({ result }) => noteEmitter(result) }),
    );
  }
}

/** Starts the labels. */
export function startLabels(): void {
  watchSignals();
  watchSignalListeners();
  watchEvents();
  watchAddedListeners();
  watchStreams();
  watchFromAsync();
  watchDisposing();
  watchWriting();
  watchWebStreams();
  watchHttp();
  watchFetches();
  watchFiles();
  watchEmitters();
  watchProcessClass();
  watchReadline();
  watchServerClose();
  watchSubtle();
  watchWebLocks();
  watchMemory();
  watchWrites();
  watchTargets();
  watchIntervals();
  intercept(timersPromises, 'setImmediate', expectPromiseTimer);
  syncBuiltinESMExports();
}
