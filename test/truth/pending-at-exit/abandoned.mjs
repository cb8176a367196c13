// the loser of a race that nobody awaits, a promise without a function
const never = new Promise(() => {});
const first = await Promise.race([never, new Promise((resolve) => setTimeout(resolve, 10, 'first'))]);
if (first !== 'first') throw new Error('another one');
