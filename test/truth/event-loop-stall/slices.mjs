// work in small slices
const immediate = () => new Promise((resolve) => setImmediate(resolve));
let sum = 0;
for (let slice = 0; slice < 40; slice++) {
  for (let i = 0; i < 20_000; i++) sum += i % 7;
  await immediate();
}
