// Awaits in a row whose results are not used, and a loop that may end early
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const load = (name) => sleep(150, name);
const loadPart = (name) => sleep(40, name.length);

async function warmUp() {
  await load('users'); // missed: serial-awaits
  await load('orders');
  await load('prices');
}

async function sum(names) {
  let total = 0;
  for (const name of names) {
    if (total > 100) break;
    total += await loadPart(name); // missed: serial-awaits
  }
  return total;
}

async function page() {
  await warmUp();
  return sum(['a', 'b', 'c', 'd', 'e']);
}

setTimeout(async () => {
  for (let i = 0; i < 3; i++) await page();
}, 300);
