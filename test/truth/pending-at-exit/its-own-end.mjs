// a script that ends itself when its work is done
await new Promise((resolve) => setTimeout(resolve, 300));
process.exit(0);
