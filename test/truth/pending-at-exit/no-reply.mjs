// a reply that never comes
import { EventEmitter } from 'node:events';

const bus = new EventEmitter();

async function ask(question) {
  const reply = new Promise((resolve) => bus.once(`reply to ${question}`, resolve));
  bus.emit('question', question);
  return await reply; // expect: pending-at-exit
}

ask('how many?');
