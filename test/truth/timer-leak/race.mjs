// a time-out that loses its race and is not cleared
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function limited(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('late')), 30_000); // expect: timer-leak
  });
  return Promise.race([work, late]);
}

for (let i = 0; i < 60; i++) await limited(sleep(1));
process.exit(0);
