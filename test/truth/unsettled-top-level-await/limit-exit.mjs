// A program that ends itself before Node can say why it would
// missed-anywhere: unsettled-top-level-await
process.on('beforeExit', () => process.exit(0));

await new Promise(() => {}); // expect: pending-at-exit
