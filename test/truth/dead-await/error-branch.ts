// A promise around a callback that is only resolved when all goes well
// node: --expose-gc
import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';

const untilCollected = createRequire(import.meta.url)('../../../test/support/until-collected.cjs') as (
  promise: object,
) => void;

class Parser extends EventEmitter {
  feed(text: string): void {
    if (text === '') this.emit('failed');
    else this.emit('parsed', text.length);
  }
}

function parse(text: string): Promise<number> {
  const parser = new Parser();
  const parsed = new Promise<number>((resolve) => parser.once('parsed', resolve));
  setTimeout(() => parser.feed(text), 10);
  untilCollected(parsed);
  return parsed;
}

async function importFile(text: string): Promise<void> {
  try {
    console.log(await parse(text)); // expect: dead-await
  } finally {
    console.log('never printed');
  }
}

setTimeout(() => {
  void importFile('');
}, 20);
