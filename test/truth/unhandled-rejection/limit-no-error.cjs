// A reason that is no error, and so has no place
// expect-anywhere: unhandled-rejection
async function save() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return Promise.reject('disk full');
}

setTimeout(() => void save(), 10);
