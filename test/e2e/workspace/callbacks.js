// Stepped into calls that run something later.
function tick() {
  return 'tick';
}

function main() {
  setTimeout(tick, 5);
  Promise.resolve().then(tick);
  process.nextTick(tick);
  console.log('main');
}

main();
setTimeout(() => console.log('done'), 50);
