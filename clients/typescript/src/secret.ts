const NODE_INSPECT = Symbol.for('nodejs.util.inspect.custom');
const DENO_INSPECT = Symbol.for('Deno.customInspect');
const REDACTED = 'redacted';

/** The secret of a key. It shows itself only through {@link reveal}. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the secret itself: for the one who is to present it, and for nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  /** @internal */
  [NODE_INSPECT](): string {
    return REDACTED;
  }

  /** @internal */
  [DENO_INSPECT](): string {
    return REDACTED;
  }
}

/** Returns the text of a secret that a caller gave, in either form. */
export function revealed(secret: string | Secret): string {
  return typeof secret === 'string' ? secret : secret.reveal();
}
