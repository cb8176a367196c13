// a top-level await that takes its time
await new Promise((resolve) => setTimeout(resolve, 40));
