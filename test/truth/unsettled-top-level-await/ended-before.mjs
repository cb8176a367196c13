// A program that ends itself before Node can say why it would: told as pending, without the exit code that says more
process.on('beforeExit', () => process.exit(0));

await new Promise(() => {}); // expect: pending-at-exit
