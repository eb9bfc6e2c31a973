/** A URL for messages and records: no user, no password, and no query, which may be a signature that lets anyone in. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

/** The file that a URL names: `image.qcow2` of `https://example.org/a/image.qcow2?x=1`. */
export function fileNameOf(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
