// nothing but waiting
setTimeout(() => {}, 250);
