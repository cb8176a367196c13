// a warning of the program itself
process.emitWarning('3000000000 is a large number', 'TimeoutWarning');
await new Promise((resolve) => setTimeout(resolve, 10));
