// a function that awaits itself again and again on smaller work
async function walk(depth) {
  if (depth === 0) return new Promise((resolve) => setTimeout(resolve, 60_000));
  return await walk(depth - 1); // expect: pending-at-exit
}

walk(40);
setTimeout(() => process.exit(0), 60);
