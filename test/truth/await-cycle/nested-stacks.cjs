// A stack of disposables lets go of another one, in which a connection takes its time: nobody waits for itself
// options: --duration 1500
const LIMIT_MS = 45_000;

class Connection {
  async [Symbol.asyncDispose ?? 'close']() {
    await new Promise((resolve) => setTimeout(resolve, LIMIT_MS));
  }
}

async function main() {
  const { AsyncDisposableStack } = globalThis;
  if (AsyncDisposableStack === undefined) return;
  const outer = new AsyncDisposableStack();
  outer.defer(() => {
    const inner = new AsyncDisposableStack();
    inner.use(new Connection());
    return inner.disposeAsync();
  });
  await outer.disposeAsync();
}

main();
