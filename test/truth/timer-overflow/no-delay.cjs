// timers without a delay, or with an odd one
setTimeout(() => {});
setTimeout(() => {}, 0);
setTimeout(() => {}, '15');
