// entries of a cache that go away after their time
const cache = new Map();

function remember(key) {
  cache.set(key, key);
  setTimeout(() => cache.delete(key), 30_000);
}

let count = 0;
const arrivals = setInterval(() => {
  remember(count++);
  if (count === 70) {
    clearInterval(arrivals);
    setTimeout(() => process.exit(0), 20);
  }
}, 1);
