// steps whose order matters: they change something
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const account = { balance: 0 };

async function loadBalance() {
  await sleep(80);
  return account.balance;
}

async function deposit(amount) {
  await sleep(80);
  account.balance += amount;
  return account.balance;
}

async function month() {
  const paid = await deposit(100);
  const rest = await deposit(-30);
  const balance = await loadBalance();
  return [paid, rest, balance];
}

for (let i = 0; i < 5; i++) await month();
