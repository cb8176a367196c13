/** What bullmq's scripts and commands answer in a Redis with one job in the queue `mail`; adding a job named `late`, and all that waits, stays without an answer. */
import { bulk } from './fake-redis.ts';

const list = (...items: string[]): string => `*${items.length}\r\n${items.join('')}`;
const number = (value: number): string => `:${value}\r\n`;

const JOB = { name: 'welcome', data: '{}', opts: '{"attempts":0}', timestamp: '1', atm: '0' };

/** A new one gives the job once. */
export function newBullmqReplies(): (words: readonly string[]) => string | undefined {
  let given = false;

  /** Scripts are known by what they do: their names are not sent. */
  function scriptReply(script: string, args: readonly string[]): string | undefined {
    const mentions = (text: string): boolean => args.some((arg) => arg.includes(text));
    if (/Adds a job to the queue/.test(script)) {
      return mentions('late') ? undefined : bulk('1');
    }
    if (/Move next job to be processed to active/.test(script)) {
      if (given || !mentions('bull:mail:')) return list(...[0, 0, 0, 0].map(number));
      given = true;
      return list(list(...Object.entries(JOB).flat().map(bulk)), bulk('1'), number(0), number(0));
    }
    if (/Move stalled jobs/.test(script)) return list(list(), list());
    if (/Checks if a job is finished/.test(script)) return list(number(0));
    return number(0);
  }

  return (words) => {
    const [name = '', first = '', ...args] = words;
    switch (name.toUpperCase()) {
      case 'EVALSHA':
        return '-NOSCRIPT No matching script. Please use EVAL.\r\n';
      case 'EVAL':
        return scriptReply(first, args);
      case 'BZPOPMIN':
      case 'XREAD':
        return undefined;
      default:
        return number(0);
    }
  };
}
