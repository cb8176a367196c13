/** The class of queries of the package `postgres` (3.4), without its connections: a test's program gets it as an installed package. */

const QUERY = `
module.exports.Query = class Query extends Promise {
  constructor(strings, args, handler) {
    let resolve;
    super((settle) => { resolve = settle; });
    this.strings = strings;
    this.args = args;
    this.handler = handler;
    this.state = null;
    this.resolve = resolve;
    this.active = false;
    this.executed = false;
  }
  static get [Symbol.species]() { return Promise; }
  cancel() {}
  async handle() { !this.executed && (this.executed = true) && await 1 && this.handler(this); }
  execute() { this.handle(); return this; }
  then() { this.handle(); return super.then.apply(this, arguments); }
};
`;

/** Files of the folder that has it, by their paths. */
export const FAKE_POSTGRES_JS: Readonly<Record<string, string>> = {
  'node_modules/postgres/package.json': JSON.stringify({ name: 'postgres', version: '3.4.9' }),
  'node_modules/postgres/cjs/src/query.js': QUERY,
};
