/**
 * As Promise.all, but it fails only when every one has ended, and with the first failure in the order of the array: what its caller
 * then removes is not being written any more.
 */
export async function allEnded<T extends readonly unknown[]>(work: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Promise.all(work);
}
