// an interval that does something at each tick until it is over, and one that looks seldom
// options: --duration 3000
const positions = [];
let isReady = false;

const moves = setInterval(() => {
  positions.push(positions.length);
  if (positions.length > 100_000) clearInterval(moves);
}, 5);

const looks = setInterval(() => {
  if (isReady) clearInterval(looks);
}, 500);
setTimeout(() => (isReady = true), 60_000);
