// a sort of many objects in a timer
function rank() {
  const until = performance.now() + 400;
  let best = 0;
  while (performance.now() < until) best = Math.max(best, Math.sin(best + 1)); // expect: event-loop-stall
  return best;
}

setTimeout(rank, 300);
setTimeout(() => {}, 1000);
