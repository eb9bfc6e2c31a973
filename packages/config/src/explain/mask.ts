/** `http://user:secret@proxy` as `http://***@proxy`, anywhere in a text. The last `@` before the path ends the credentials (RFC 3986, 3.2). */
export function maskCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/?#\s"'<>]*@/gi, '$1***@');
}
