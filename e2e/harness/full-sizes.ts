/**
 * KATAVM_E2E_FULL=yes, before a release: tests whose size is their strength take the whole of it, ten minutes more where guests are
 * emulated. By default they take what keeps the whole of the tests below half an hour there.
 */
export const fullSizes = process.env['KATAVM_E2E_FULL'] === 'yes';
