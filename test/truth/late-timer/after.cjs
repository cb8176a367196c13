// timers set after the work
setTimeout(() => {
  const until = performance.now() + 250;
  while (performance.now() < until);
  setTimeout(() => {}, 20);
}, 200);
setTimeout(() => {}, 1500);
