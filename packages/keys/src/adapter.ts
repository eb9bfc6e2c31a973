/** An SSH key pair on disk, as OpenSSH keeps them: `path` (0600) and `path.pub`. */
export interface KeyPair {
  readonly path: string;
  /** The public key's line: `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A key pair that is never kept by itself: a clone's host key. */
export interface KeyMaterial {
  /** OpenSSH's PEM, with its last newline. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, no comment. */
  readonly publicKey: string;
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface CreateKeyPairInput {
  readonly path: string;
  /** Default `ed25519`; `ecdsa` is on the curve P-256, `rsa` makes 4096 bits. */
  readonly type?: KeyType;
  readonly comment?: string;
  /** Replaces an existing pair. Default: an existing pair is returned as it is. */
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What katavm needs of a keys package; a fork's replacement exports one as `adapter`. */
export interface KeysAdapter {
  /** `created` is false where a pair was there already. */
  createKeyPair(input: CreateKeyPairInput): Promise<KeyPair & { readonly created: boolean }>;
  readKeyPair(path: string, signal?: AbortSignal): Promise<KeyPair>;
  generateHostKey(): Promise<KeyMaterial>;
}
