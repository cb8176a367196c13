// a time-out for each piece of work, cleared when it is done
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function limited(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 30_000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

for (let i = 0; i < 60; i++) await limited(sleep(1));
