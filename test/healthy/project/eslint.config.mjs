export default [{ files: ['**/*.mjs'], rules: { 'no-unused-vars': 'error', 'no-undef': 'off' } }];
