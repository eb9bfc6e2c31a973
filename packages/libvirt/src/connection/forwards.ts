/**
 * The host's port of a forward from 127.0.0.1 to this port of the guest, in what QEMU's `info usernet` prints:
 *
 *     Hub -1 (hostnet0):
 *       Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
 *       TCP[HOST_FORWARD]  17       127.0.0.1 42437       10.0.2.15    22     0     0
 */
export function findForward(usernet: string, guestPort: number): number | undefined {
  const row = /^\s*TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s/gm;
  const found = [...usernet.matchAll(row)].find((match) => Number(match[2]) === guestPort);
  return found && Number(found[1]);
}
