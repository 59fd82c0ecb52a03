const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The characters of a token that begin with the position, in eight bytes. */
const POSITION_CHARACTERS = 10;

/**
 * The position token of this client's last command, so that its reads take it into account.
 *
 * A command that began after another one had ended has the later position. Of two that ran at the same time, the
 * beginning of the tokens tells.
 */
export class Positions {
  #moment = 0;
  #last: { readonly token: string; readonly ended: number } | undefined;

  get current(): string | undefined {
    return this.#last?.token;
  }

  /** Returns the moment at which a command begins. */
  begin(): number {
    return ++this.#moment;
  }

  /** Notes the token of a command. */
  end(begun: number, token: string): void {
    const last = this.#last;
    if (last === undefined || begun > last.ended || !isBefore(token, last.token)) {
      this.#last = { token, ended: ++this.#moment };
    }
  }

  /** Forgets a token that the service no longer accepts, as after a restore from a backup. */
  forget(token: string): void {
    if (this.#last?.token === token) {
      this.#last = undefined;
    }
  }
}

function isBefore(token: string, other: string): boolean {
  for (let i = 0; i < POSITION_CHARACTERS; i++) {
    const difference = BASE64URL.indexOf(token.charAt(i)) - BASE64URL.indexOf(other.charAt(i));
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return (BASE64URL.indexOf(token.charAt(POSITION_CHARACTERS)) >> 2) <
    (BASE64URL.indexOf(other.charAt(POSITION_CHARACTERS)) >> 2);
}
