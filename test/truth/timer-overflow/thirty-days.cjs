// a licence check planned for in thirty days
const DAY_MS = 24 * 60 * 60 * 1000;

function plan(check) {
  setTimeout(check, 30 * DAY_MS).unref(); // expect: timer-overflow
}

plan(() => {});
setTimeout(() => {}, 20);
