/** Numbers the requests that the program makes: tells them apart in one snapshot and from one to the next. */
const numbers = new WeakMap<object, number>();
let numbered = 0;

/** The number of a request, the same for its life. */
export function requestNumber(request: object): number {
  let number = numbers.get(request);
  if (number === undefined) numbers.set(request, (number = ++numbered));
  return number;
}
