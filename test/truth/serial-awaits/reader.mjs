// reads of one stream: each gives what comes next
import { setTimeout as sleep } from 'node:timers/promises';

const stream = new ReadableStream(
  {
    async pull(controller) {
      await sleep(90);
      controller.enqueue('part');
    },
  },
  { highWaterMark: 0 },
);
const reader = stream.getReader();

async function record() {
  const { value: head } = await reader.read();
  const { value: body } = await reader.read();
  const { value: tail } = await reader.read();
  return head + body + tail;
}

for (let i = 0; i < 6; i++) await record();
await reader.cancel();
