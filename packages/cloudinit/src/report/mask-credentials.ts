/** Hides user and password of every URL: what a guest's logs say of a proxy is shown to people. */
export function maskCredentials(text: string): string {
  return text.replace(/(:\/\/)[^\s/@"']+@/g, '$1***@');
}
