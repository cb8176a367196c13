// a promise rejected by its executor, without an await anywhere
function connect(port) {
  return new Promise((resolve, reject) => {
    if (port < 1024)
      reject(new Error('not allowed')); // expect: unhandled-rejection
    else resolve(port);
  });
}

setTimeout(() => connect(80), 10);
