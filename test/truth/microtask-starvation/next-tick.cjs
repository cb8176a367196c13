// a function that queues itself with process.nextTick until something has happened
let done = false;

function poll(until) {
  done ||= process.cpuUsage().user >= until;
  if (!done) process.nextTick(poll, until); // expect: microtask-starvation
}

setTimeout(() => poll(process.cpuUsage().user + 400_000), 700);
