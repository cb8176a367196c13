// a program that says 13 itself
await new Promise((resolve) => setTimeout(resolve, 10));
process.exit(13);
