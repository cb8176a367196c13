// a promise that nobody settles
await new Promise(() => {}); // expect: unsettled-top-level-await
