// a hundred intervals made in one go
for (let i = 0; i < 100; i++) setInterval(() => {}, 30_000);
setTimeout(() => process.exit(0), 40);
