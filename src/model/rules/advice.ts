/** What to use instead of a synchronous call. */

/** One sentence naming the asynchronous counterpart of `api`, such as `crypto.pbkdf2Sync`. */
export function asyncAdvice(api: string): string {
  if (api === 'Atomics.wait') return 'Use Atomics.waitAsync, or wait in a worker thread.';
  if (api.startsWith('vm.')) return 'Run smaller pieces, or do it in a worker thread.';
  if (api === 'require' || api === 'import') return 'Load it at the start, or load less.';
  if (api.startsWith('JSON.')) return 'Handle smaller pieces, or do it in a worker thread.';
  const [module = '', name = ''] = api.split('.');
  const stem = name.endsWith('Sync') ? name.slice(0, -'Sync'.length) : undefined;
  if (module === 'fs' && name === 'existsSync') return 'Use fs.promises.access instead, or just try the operation.';
  if (module === 'fs' && stem !== undefined) return `Use fs.promises.${stem} instead.`;
  if (stem !== undefined) return `Use the asynchronous ${module}.${stem} instead.`;
  return 'Use an asynchronous counterpart or a worker thread.';
}
