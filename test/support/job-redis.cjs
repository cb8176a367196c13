/** A Redis on a loopback port, within the program that uses it, that knows just enough to give one job to a worker of bullmq, bull or bee-queue. */
const { createServer } = require('node:net');

const bulk = (text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const list = (...items) => `*${items.length}\r\n${items.join('')}`;
const number = (value) => `:${value}\r\n`;
const NOTHING = '$-1\r\n';
const JOB = {
  name: '__default__',
  data: '{"text":"hello"}',
  opts: '{"attempts":0}',
  timestamp: '1',
  delay: '0',
  priority: '0',
  atm: '0',
};

/** The words of the first complete command, and its length; undefined when more must arrive. */
function command(text) {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  const words = [];
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    const end = size ? at + size[0].length + Number(size[1]) : Infinity;
    if (text.length < end + 2) return undefined;
    words.push(text.slice(at + size[0].length, end));
    at = end + 2;
  }
  return { words, length: at };
}

function newReplies() {
  const loaded = new Set();
  const given = new Set();
  const once = (key, reply, otherwise) => {
    const isFirst = !given.has(key);
    given.add(key);
    return isFirst ? reply : otherwise;
  };
  const fields = list(...Object.entries(JOB).flat().map(bulk));
  const nothingOfBullmq = list(number(0), number(0), number(0), number(0));

  /** Scripts are known by what they say they do. */
  function script(text) {
    if (text.includes('Move next job to be processed to active')) {
      return text.includes('getTargetQueueList')
        ? once('bullmq', list(fields, bulk('1'), number(0), number(0)), nothingOfBullmq)
        : once('bull', list(fields, bulk('1')), list(NOTHING, NOTHING));
    }
    if (/stalled jobs/i.test(text)) return list(list(), list());
    return number(0);
  }

  return ([name, first = '', ...rest]) => {
    switch (name.toUpperCase()) {
      case 'INFO':
        return bulk('redis_version:7.4.0\r\nloading:0\r\nmaxmemory_policy:noeviction\r\n');
      case 'SCRIPT':
        for (const sha of rest) loaded.add(sha);
        return list(...rest.map(() => number(1)));
      case 'EVALSHA':
        return loaded.has(first) ? list() : '-NOSCRIPT No matching script. Please use EVAL.\r\n';
      case 'SUBSCRIBE':
      case 'PSUBSCRIBE':
        return [first, ...rest]
          .map((channel, i) => list(bulk(name.toLowerCase()), bulk(channel), number(i + 1)))
          .join('');
      case 'EVAL':
        return script(first);
      case 'BRPOPLPUSH':
        return once('id', bulk('1'), undefined);
      case 'HGET':
        return bulk('{"data":{"text":"hello"},"options":{"timestamp":1,"stacktraces":[]},"status":"created"}');
      case 'MULTI':
        return '+OK\r\n';
      case 'EXEC':
        return list(number(1), number(1), number(1), number(1), number(1), number(1));
      case 'BZPOPMIN':
      case 'XREAD':
        return undefined;
      case 'SET':
      case 'CLIENT':
      case 'SELECT':
      case 'AUTH':
      case 'QUIT':
        return '+OK\r\n';
      default:
        return number(1);
    }
  };
}

/** Calls `ready` with the port; the server keeps no program alive. */
exports.startRedis = (ready) => {
  const reply = newReplies();
  const server = createServer((socket) => {
    socket.unref();
    let text = '';
    let isQueued = false;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let next = command(text); next; next = command(text)) {
        text = text.slice(next.length);
        const name = next.words[0].toUpperCase();
        const answer = isQueued && name !== 'EXEC' ? '+QUEUED\r\n' : reply(next.words);
        isQueued = name === 'MULTI' || (isQueued && name !== 'EXEC');
        if (answer !== undefined) socket.write(answer);
      }
    });
  });
  server.unref();
  server.listen(0, '127.0.0.1', () => ready(server.address().port));
};
