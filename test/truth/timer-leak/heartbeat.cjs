// a heartbeat for each visitor that goes on when the visitor has left
const visitors = new Map();

function visit(name) {
  const heartbeat = setInterval(() => visitors.get(name), 60_000); // expect: timer-leak
  visitors.set(name, heartbeat);
}

let count = 0;
const arrivals = setInterval(() => {
  visit(`visitor ${count++}`);
  if (count === 70) {
    clearInterval(arrivals);
    setTimeout(() => process.exit(0), 20);
  }
}, 1);
