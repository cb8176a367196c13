// a timer that comes late because the program still starts
setTimeout(() => {}, 10);
const until = performance.now() + 300;
while (performance.now() < until);
