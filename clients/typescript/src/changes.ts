/** Learns what this client's own commands have changed, or may have. */
export interface Changes {
  /** A key may have changed. */
  changed(keyId: string): void;

  /** Any keys may have changed. */
  manyChanged(): void;
}

/** Nothing is kept. */
export const IGNORED: Changes = { changed: () => undefined, manyChanged: () => undefined };
