// a top-level await that fails, and is caught
try {
  await new Promise((_, reject) => setTimeout(reject, 10, new Error('refused')));
} catch {
  process.exitCode = 1;
}
