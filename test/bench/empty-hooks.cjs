/** Preloaded for the bench: the hooks of the agent without anything in them. */
const { createHook } = require('node:async_hooks');
const { promiseHooks } = require('node:v8');

const nothing = () => {};
promiseHooks.createHook({ init: nothing, before: nothing, after: nothing, settled: nothing });
createHook({ init: nothing, trackPromises: false }).enable();
// Before Node 24 that has put hooks of Node's own in the place of these, as it would in that of the agent's (src/agent/resources/resources.ts).
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.noDeprecation = true;
  process.binding('async_wrap').setPromiseHooks(nothing, nothing, nothing, nothing);
}
