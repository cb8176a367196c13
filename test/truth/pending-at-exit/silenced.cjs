// an await that the author knows about
async function serve() {
  // async-lens-ignore-next-line pending-at-exit -- it serves until the end
  await new Promise(() => {});
}

serve();
