/**
 * The IPv4 address beside this MAC address, in what `virsh domifaddr` prints:
 *
 *      vnet0      52:54:00:5d:12:a5    ipv4         192.168.122.68/24
 */
export function findAddress(table: string, macAddress: string): string | undefined {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, mac, kind]) => mac?.toLowerCase() === macAddress.toLowerCase() && kind === 'ipv4');
  return row?.[3]?.split('/')[0];
}
