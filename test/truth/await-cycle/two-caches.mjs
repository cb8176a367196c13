// two modules whose initialisations await each other
const started = new Map();

function once(name, work) {
  if (!started.has(name)) started.set(name, work());
  return started.get(name);
}

async function connectDatabase() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const config = await once('config', loadConfig); // expect: await-cycle
  return { url: config.url };
}

async function loadConfig() {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const database = await once('database', connectDatabase);
  return database.read('config');
}

once('database', connectDatabase);
