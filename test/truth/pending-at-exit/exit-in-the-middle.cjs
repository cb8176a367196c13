// process.exit while an upload is under way
async function upload() {
  await new Promise((resolve) => setTimeout(resolve, 5000)); // expect: pending-at-exit
}

upload();
setTimeout(() => process.exit(0), 20);
