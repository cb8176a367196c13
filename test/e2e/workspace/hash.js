/** Answers with a number that takes a while; `globalThis.ask` asks for it, and a quick fix moves the loop to a thread. */
const { createServer } = require('node:http');

const server = createServer((_request, response) => {
  let x = 0;
  for (let i = 0; i < 5e7; i++) x = (x * 31 + i) | 0;
  response.end(`the answer is ${x}`);
});

globalThis.ask = async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}`);
  console.log(`${await response.text()} for sure`);
};
server.listen(0, '127.0.0.1', () => console.log('ready'));
