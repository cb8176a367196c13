// A promise of which nothing is known
// options: --duration 900
// settings: { "longWait": { "minMs": 20 } }
const waiting = new Set();

async function reply() {
  await new Promise((resolve) => waiting.add(resolve)); // missed: long-wait
}

setTimeout(reply, 10);
setTimeout(() => waiting.clear(), 60_000);
