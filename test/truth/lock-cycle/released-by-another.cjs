// a mutex that somebody else gives back while its first owner waits for it again
const { Mutex } = require('async-mutex');

const mutex = new Mutex();

async function lease() {
  const release = await mutex.acquire();
  setTimeout(release, 60);
  const again = await mutex.acquire();
  again();
}

lease();
