/** Writes events to a file, one JSON text a line, so that a short or killed program is reported too. */
import fs from 'node:fs';
import path from 'node:path';
import type { AgentEvent } from '../../protocol/agent.ts';
import type { Carrier } from './events.ts';

/** The originals: the tripwires replace these later, and the program may too. */
const { openSync, writeSync, closeSync } = fs;
const { stringify } = JSON;

/** A full disk or a limit of file sizes is not tried for ever: each attempt past the limit is a signal (SIGXFSZ) that the program may hear. */
const MAX_FAILURES = 3;

/** A carrier that says how many bytes an event took. */
export interface Spool extends Carrier {
  send(event: AgentEvent): number;
}

/**
 * A carrier that appends to `<folder>/<name>.ndjson`. The file is opened for each event, so that the program's own file descriptors keep their
 * numbers; 20 to 40 us an event. The folder is never made: when it is gone, nobody wants the events. Throws when the
 * event can't be written; after three such events in a row it does nothing any more.
 */
export function openSpool(folder: string, name: string): Spool {
  const file = path.resolve(folder, `${name}.ndjson`);
  let failures = 0;
  return {
    send(event) {
      if (failures >= MAX_FAILURES) return 0;
      // A line that was cut off must not spoil the next.
      const bytes = Buffer.from(`${failures > 0 ? '\n' : ''}${stringify(event)}\n`);
      failures++;
      const descriptor = openSync(file, 'a', 0o600);
      try {
        for (let sent = 0; sent < bytes.length;) sent += writeSync(descriptor, bytes, sent);
      } finally {
        closeSync(descriptor);
      }
      failures = 0;
      return bytes.length;
    },
  };
}
