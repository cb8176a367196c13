// a program with a handler of its own for all of them
process.on('unhandledRejection', () => {});

async function fail() {
  throw new Error('handled centrally');
}

setTimeout(fail, 5);
