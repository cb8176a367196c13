// Stepped through line by line: plain JavaScript, as Node runs it.
async function work(amount) {
  const doubled = amount * 2;
  await null;
  return doubled;
}

async function main() {
  const amount = 1;
  const result = await work(amount);
  const more = await work(result);
  console.log('result', more);
}

main().then(() => console.log('done'));
