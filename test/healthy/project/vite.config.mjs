/** For vitest: by default it takes files of another name. */
export default { test: { include: ['test/vitest.mjs'] } };
