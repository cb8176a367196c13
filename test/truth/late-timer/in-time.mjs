// work that is done before any timer is due
setTimeout(() => {
  const until = performance.now() + 200;
  while (performance.now() < until);
}, 200);
setTimeout(() => {}, 5000);
setTimeout(() => process.exit(), 1200);
