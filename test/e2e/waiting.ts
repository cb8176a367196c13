/** Waits for events with a limit, so that a test that hangs says what it waited for. */
import type * as vscode from 'vscode';

/** Wide: a machine may be slow, and a passing test never waits that long. */
const LIMIT_MS = 30_000;

/** The promise's value, or an error that names `what` after 30 s or `limitMs`; `state` adds what was seen last. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  state: () => string = () => '',
  limitMs = LIMIT_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs / 1000} s for ${what}. ${state()}`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with the first value that `look` gives, asked now and after every `event`. */
export async function eventually<T>(
  event: vscode.Event<unknown>,
  look: () => T | undefined,
  what: string,
  state?: () => string,
  limitMs?: number,
): Promise<T> {
  let subscription: vscode.Disposable | undefined;
  const found = new Promise<T>((resolve) => {
    const check = (): void => {
      const value = look();
      if (value !== undefined) resolve(value);
    };
    subscription = event(check);
    check();
  });
  try {
    return await within(found, what, state, limitMs);
  } finally {
    subscription?.dispose();
  }
}
