/** Mocha's spec reporter that also leaves the totals and what failed as JSON in the file named by ASYNC_LENS_RESULTS. */
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.ASYNC_LENS_RESULTS;
    const failures = [];
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) =>
      failures.push(`${test.fullTitle()}\n${error.stack ?? error}`),
    );
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures.length, pending, failures }));
    });
  }
};
