/** The load generator, a process of its own: sends a fixed number of requests for every message and answers when they are done. */
import autocannon from 'autocannon';

const CONNECTIONS = 20;

process.on('message', ({ url, amount }) => {
  autocannon({ url, amount, connections: CONNECTIONS }, (error, result) => {
    const failed =
      error ?? (result.errors + result.non2xx > 0 ? `${result.errors} errors, ${result.non2xx} refusals` : undefined);
    process.send(failed === undefined ? { requests: result['2xx'] } : { error: String(failed) });
  });
});
process.on('disconnect', () => process.exit());
