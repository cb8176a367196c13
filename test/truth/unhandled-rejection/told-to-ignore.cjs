// a rejection of which Node was told to say nothing
// node: --unhandled-rejections=none
async function save() {
  throw new Error('disk full');
}

setTimeout(() => void save(), 10);
setTimeout(() => {}, 200);
