// a heartbeat that misses its time while a report is made
function report() {
  const until = performance.now() + 500;
  let sum = 0;
  while (performance.now() < until) sum += Math.sqrt(sum + 1);
  return sum;
}

const beat = setInterval(() => {}, 100); // expect: late-timer
setTimeout(report, 250);
setTimeout(() => clearInterval(beat), 1500);
