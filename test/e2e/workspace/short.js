// Over as soon as it began, with a task pending.
async function reply() {
  await new Promise(() => {});
}

reply();
