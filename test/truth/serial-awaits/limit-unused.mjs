// Awaits in a row whose results are not used
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const load = (name) => sleep(150, name);

async function warmUp() {
  await load('users'); // missed: serial-awaits
  await load('orders');
  await load('prices');
}

async function page() {
  await warmUp();
  return 'warm';
}

setTimeout(async () => {
  for (let i = 0; i < 3; i++) await page();
}, 300);
