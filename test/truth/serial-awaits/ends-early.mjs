// A loop that may end early: whether it goes on depends on what came before
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const loadPart = (name) => sleep(80, name.length);

async function sum(names) {
  let total = 0;
  for (const name of names) {
    if (total > 100) break;
    total += await loadPart(name);
  }
  return total;
}

setTimeout(async () => {
  for (let i = 0; i < 3; i++) await sum(['a', 'b', 'c', 'd', 'e']);
}, 300);
