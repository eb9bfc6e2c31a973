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

/** The flag of a complete entry (ATF_COM in linux/if_arp.h); one without it holds an old MAC address, or none. */
const complete = 0x2;

/**
 * The IPv4 address beside this MAC address in the host's neighbour table, as /proc/net/arp shows it:
 *
 *     IP address       HW type     Flags       HW address            Mask     Device
 *     198.51.100.80    0x1         0x2         52:54:00:ec:98:4e     *        br0
 */
export function findNeighbour(table: string, macAddress: string): string | undefined {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(([, , flags, mac]) => mac?.toLowerCase() === macAddress.toLowerCase() && Number(flags) & complete);
  return row?.[0];
}
