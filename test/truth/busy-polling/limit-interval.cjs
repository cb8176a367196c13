// setInterval that looks for work and goes on when it has found some
const queue = [];
let rounds = 0;

function look() {
  const job = queue.shift();
  if (job !== undefined) job();
  if (++rounds > 300) clearInterval(timer);
}

const timer = setInterval(look, 5); // missed: busy-polling
