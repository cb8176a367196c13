/** How a workload answers the bench: named commands over the IPC channel, one answer each. */
import inspector from 'node:inspector';

/** Answers every command with its (awaited) result; `hello` tells the inspector address, undefined when there is none. */
export function answerCommands(commands) {
  const all = { hello: () => ({ inspectorUrl: inspector.url() }), ...commands };
  process.on('message', ({ id, command, argument }) => {
    Promise.resolve(all[command](argument)).then(
      (value) => process.send({ id, value }),
      (error) => process.send({ id, error: String(error?.stack ?? error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}

/** Commands that measure the CPU time between `begin` and `end`, in milliseconds of user and system time of all threads, and tell the memory then. */
export function cpuCommands() {
  let begun;
  return {
    begin() {
      begun = process.cpuUsage();
    },
    end() {
      const { user, system } = process.cpuUsage(begun);
      return { cpuMs: (user + system) / 1000, rssMb: process.memoryUsage().rss / 2 ** 20 };
    },
  };
}
