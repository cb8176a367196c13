// one reaction that takes long by itself: a stall of its own line
const sum = (untilMs: number): number => {
  let total = 0;
  while (Date.now() < untilMs) total += Math.sqrt(total + 1);
  return total;
};

setTimeout(() => void Promise.resolve(Date.now() + 600).then(sum), 700);
