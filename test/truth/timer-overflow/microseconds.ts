// a time in microseconds given as milliseconds
function every(microseconds: number, work: () => void): NodeJS.Timeout {
  return setInterval(work, microseconds); // expect: timer-overflow
}

const timer = every(3_600_000_000, () => {});
setTimeout(() => clearInterval(timer), 25);
