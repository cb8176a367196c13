import assert from 'node:assert/strict';
import { ERROR_CODES } from '../../src/protocol/dap.ts';
import { RULE_IDS } from '../../src/protocol/report.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';

describe('the protocol', () => {
  it('has one number per user-visible error, clear of the numbers that debug adapters use themselves', () => {
    const codes = Object.values(ERROR_CODES);
    assert.equal(new Set<number>(codes).size, codes.length);
    assert.ok(codes.every((code) => code >= 3000 && code < 4000));
  });

  it('has rule ids that fit into settings and ignore comments', () => {
    assert.equal(new Set(RULE_IDS).size, RULE_IDS.length);
    for (const id of RULE_IDS) assert.match(id, /^[a-z]+(-[a-z]+)*$/);
  });

  it('has the default limits of the field', () => {
    assert.deepEqual(DEFAULT_SETTINGS, {
      stall: { infoMs: 50, warningMs: 100, errorMs: 1000 },
      blockingCall: { minMs: 10, minCount: 3, strict: false },
      longWait: { minMs: 5000 },
      rules: {},
    });
  });
});
