// answers of the thread pool that come in one turn, each with a reaction of its own: none queues the next one
import { stat } from 'node:fs/promises';

async function check(path) {
  const { size } = await stat(path);
  let total = size;
  for (const until = process.cpuUsage().user + 8000; process.cpuUsage().user < until;) total += Math.sqrt(total + 1);
  return total;
}

setTimeout(() => {
  for (let i = 0; i < 50; i++) void check(import.meta.filename ?? '.');
  // They have all come by then.
  for (const until = process.cpuUsage().user + 30_000; process.cpuUsage().user < until;);
}, 700);
