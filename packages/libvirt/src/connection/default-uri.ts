/**
 * The libvirt connection to use where a config names none: `LIBVIRT_DEFAULT_URI`, as every libvirt client reads it, else
 * the system's libvirt for root (who has no session daemon) and the user's own for everyone else.
 */
export function defaultUri(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  uid: number | undefined = process.getuid?.(),
): string {
  return environment['LIBVIRT_DEFAULT_URI'] || (uid === 0 ? 'qemu:///system' : 'qemu:///session');
}
