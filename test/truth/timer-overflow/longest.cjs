// the longest delay that there is
setTimeout(() => {}, 2 ** 31 - 1).unref();
