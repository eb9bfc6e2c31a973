/** One archive of apt's sources, for one suite. */
export interface SourceEntry {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Empty: all. */
  readonly architectures: readonly string[];
  /** A keyring file. A key that is written into the source itself is not followed. */
  readonly signedBy: string | undefined;
  /** The administrator trusts it without a signature. */
  readonly trusted: boolean;
  /** False for archives that stay as they are: snapshots. */
  readonly checkValidUntil: boolean;
}
