/** Prints what the other module makes: run by tsx and ts-node. */
import { greet } from './greet.ts';

const lines = await greet([
  { name: 'Ann', age: 30 },
  { name: 'Bob', age: 41 },
]);
await new Promise((resolve) => setTimeout(resolve, 10));
console.log(lines.join(', '));
