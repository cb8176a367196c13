/** What a wait is about, as facts: one shape for each kind of thing that a program waits for. */
import type { LockFacts } from './lock.ts';

/** One side of a stream: what lies in its buffer, in bytes or (`objects`) in objects; of web streams also in chunks, or in what the program counts. */
export interface StreamSide {
  buffered: number;
  highWaterMark: number;
  objects?: true;
  unit?: 'chunk' | 'unknown';
  /** Nothing more comes or may be written. */
  ended?: true;
}

/** The state of a stream at the time of the snapshot. */
export interface StreamState {
  class: string;
  /** File of a file stream; address that a body comes from, or the request that the message belongs to. */
  path?: string;
  /** `flowing`: somebody takes what comes; false while paused or when nobody listens. `locked`: a web stream has a reader. */
  readable?: StreamSide & { flowing: boolean; locked?: true };
  /** `needDrain`: whoever writes was told to wait. `locked`: a web stream has a writer, or is written to by a pipe. */
  writable?: StreamSide & { needDrain?: true; finished?: true; locked?: true };
  destroyed?: true;
  /** A function of the stream that has not come to an end: `pull`, `write`, `transform` of a web stream, `write` or `final` of Node's. */
  busy?: string;
}

/** What else ends a wait: an `AbortSignal` given with the call; `leftMs` when it comes from `AbortSignal.timeout`. */
export interface AbortFacts {
  leftMs?: number;
}

/** One request that a client has made: what it waits for comes next. */
export interface ClientRequestFacts {
  /** Number of the request, for its life: only of requests of `node:http`. */
  request?: number;
  method?: string;
  url?: string;
  /** What comes next. `socket`: a free connection; `program`: the program has to end the request; `reader`: it has to read the body. */
  phase?:
    'socket' | 'dns' | 'connect' | 'tls' | 'program' | 'send' | 'headers' | 'body' | 'reader' | 'answer' | 'response';
  status?: number;
}

/** A request that a server of the program has not answered to the end: its method and path. */
export interface ServingFacts {
  request: string;
  /** Something of the answer has been given: its headers. */
  begun?: true;
}

/** The connections of an HTTP agent or client, all of which others have. */
export interface ConnectionsFacts {
  inUse: number;
  size: number;
  /** They are for all hosts together. */
  total?: true;
  /** How many requests wait for one. */
  queued: number;
  /** How many are had by responses that nobody reads: without an end of those there will be no free one. */
  unread?: number;
  /** Who has them, the first of them. */
  users?: ClientRequestFacts[];
}

/** What a wait is about; also the `kind` of the report. */
export type WaitFacts = { abort?: AbortFacts } & (
  | {
      kind: 'timer';
      api: 'setTimeout' | 'setInterval';
      delayMs: number;
      /** Negative when overdue. */
      leftMs: number;
      /** How late an interval's last tick was, where it is known. */
      lateMs?: number;
      /** It does not keep the process alive. */
      unref?: true;
    }
  | {
      kind: 'socket';
      /**
       * `unconnected`: nobody has begun to. `ended`: by the program, the other side has not. `peer-ended`: by the other side, the program has not. `closing`: by both.
       * `closed`: it was destroyed.
       */
      state: 'unconnected' | 'connecting' | 'open' | 'ended' | 'peer-ended' | 'closing' | 'closed';
      local?: string;
      remote?: string;
      bytesRead: number;
      bytesWritten: number;
      tls?: boolean;
      /** It is a pipe to or from a child process: "stdout of child process 12 (cat)". */
      output?: string;
      /** Absent for TCP. */
      family?: 'pipe' | 'udp' | 'tty';
      /** What connecting waits for. */
      phase?: 'dns' | 'connect' | 'tls';
      /** Bytes that the program wrote and the system has not taken. */
      unsent?: number;
      /** It is a server's, which has this to answer. */
      serving?: ServingFacts;
      /** Bytes that have come and that nobody reads now; 0: the program has paused it. */
      unread?: number;
      /** Nothing was read or written for at least this time. */
      idleMs?: number;
      /** The package that talks over it, and what it has asked for, without contents: `query SELECT ...`. */
      library?: string;
      request?: string;
      /** What was asked for may take as long as the program runs: messages of a subscription. */
      lasting?: true;
      /** Requests before this one on the connection; absent when it has been sent. */
      queued?: number;
      /** One before it on the connection that the server is waiting in. */
      behind?: string;
    }
  | { kind: 'server'; address?: string; connections?: number; state?: 'closing' }
  | { kind: 'fs'; operation?: string; path?: string }
  | { kind: 'dns'; host?: string; api?: string }
  /** Cryptography or compression: `crypto.pbkdf2`; `crypto.subtle.digest` with `SHA-256`. */
  | { kind: 'thread-pool'; api: string; algorithm?: string }
  | ({
      kind: 'http';
      /** The program answers the request. */
      server?: true;
      /** The client, and the bytes of the response that it has not taken. */
      remote?: string;
      unsent?: number;
      /** What it waits for in the phase `socket`, where that is known. */
      connections?: ConnectionsFacts;
    } & ClientRequestFacts)
  | {
      kind: 'child-process';
      pid?: number;
      command?: string;
      /** `output`: it has ended, its output has not. */
      phase?: 'exit' | 'output';
      /** Names of the outputs with unread data. */
      unread?: string[];
    }
  /** `memory`: it waits with `Atomics.waitAsync` until another thread notifies. */
  | { kind: 'worker'; threadId?: number; port?: boolean; memory?: true }
  | {
      kind: 'stream';
      class?: string;
      direction?: string;
      buffered?: number;
      highWaterMark?: number;
      /** A stream of the WHATWG standard. */
      web?: true;
      /** The streams it is about, in the order in which data flows. */
      streams?: StreamState[];
    }
  | {
      kind: 'event';
      event?: string;
      /** Class of the emitter. */
      emitter?: string;
      /** The function that waits; absent when a promise is resolved by a listener. A `prompt` is a package's, `emitter` then `stdin` where it reads there. */
      api?: 'once' | 'on' | 'question' | 'prompt';
      /** A package whose Observable it is, and what of it is waited for; `piped` where operators make that of what the emitter gives. */
      library?: string;
      until?: 'value' | 'end';
      piped?: true;
      /** The emitter, when it is a resource; of an Observable what is likely to give its value. */
      subject?: WaitFacts;
    }
  | LockFacts
  | { kind: 'immediate' }
  | {
      kind: 'promise';
      /** What the program awaits, as it is written, without arguments; only the model knows. */
      expression?: string;
    }
  | { kind: 'unknown'; type?: string }
);

export type WaitKind = WaitFacts['kind'];
