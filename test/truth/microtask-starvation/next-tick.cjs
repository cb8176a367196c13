// a function that queues itself with process.nextTick until something has happened
let done = false;

function poll(untilMs) {
  done ||= Date.now() >= untilMs;
  if (!done) process.nextTick(poll, untilMs); // expect: microtask-starvation
}

setTimeout(() => poll(Date.now() + 600), 700);
