/**
 * Who is signed in. The key is in the session of this tab only, and is forgotten after half an hour
 * without use.
 */

const IDLE_MAX_MILLIS = 30 * 60 * 1000;
const WARNING_MILLIS = 2 * 60 * 1000;
const TICK_MILLIS = 1000;

/** The names of what is kept. The holder's page has a session of its own, beside that of an operator. */
const PREFIX = location.pathname.startsWith('/my-key/') ? 'keyledger.holder.' : 'keyledger.';
const KEY = `${PREFIX}key`;
const WORKSPACE = `${PREFIX}workspace`;
const POSITION = `${PREFIX}position`;
const USED_AT = `${PREFIX}usedAt`;

/**
 * Events: `change` when somebody signs in, signs out or moves to another workspace; `tick` each
 * second while somebody is signed in.
 */
class Session extends EventTarget {
  /** The credential; empty if nobody is signed in. */
  key = '';
  /** The workspace to name in requests; empty for an operator, who has one only. */
  workspace = '';
  /** The position that answers must show; empty if there is none. */
  position = '';
  /** @type {Self | null} who is signed in, once it is known */
  self = null;
  /** Why the last session ended. @type {'' | 'idle' | 'rejected' | 'signed-out'} */
  ended = '';
  #usedAtMillis = 0;
  /** The same by a clock that nobody sets, but which may stand still while the machine sleeps. */
  #usedTicksMillis = 0;
  #touchable = true;

  constructor() {
    super();
    setInterval(() => this.#tick(), TICK_MILLIS);
    for (const type of ['pointerdown', 'keydown']) {
      window.addEventListener(type, () => this.touch(), {passive: true, capture: true});
    }
  }

  /** Takes up the session of this tab again, after the page was loaded anew. */
  resume() {
    const usedAtMillis = Number(sessionStorage.getItem(USED_AT));
    const idleMillis = Date.now() - usedAtMillis;
    if (idleMillis >= 0 && idleMillis < IDLE_MAX_MILLIS) {
      this.key = sessionStorage.getItem(KEY) ?? '';
      this.workspace = sessionStorage.getItem(WORKSPACE) ?? '';
      this.position = sessionStorage.getItem(POSITION) ?? '';
      this.#usedAtMillis = usedAtMillis;
      this.#usedTicksMillis = performance.now() - idleMillis;
    } else {
      this.#clear();
    }
  }

  /**
   * Starts a session with a key that is known to be good.
   *
   * @param {string} key
   * @param {string} workspace
   * @param {Self} self
   */
  start(key, workspace, self) {
    if (key !== this.key) {
      this.forgetPosition();
    }
    this.key = key;
    this.workspace = workspace;
    this.self = self;
    this.ended = '';
    sessionStorage.setItem(KEY, key);
    sessionStorage.setItem(WORKSPACE, workspace);
    this.#use();
    this.dispatchEvent(new Event('change'));
  }

  /** @param {'' | 'idle' | 'rejected' | 'signed-out'} why */
  end(why) {
    if (this.key) {
      this.ended = why;
      this.#clear();
      this.dispatchEvent(new Event('change'));
    }
  }

  /** Counts as use, unless the session is about to end: then only an answer to the warning does. */
  touch() {
    if (this.key && this.#touchable) {
      this.#use();
    }
  }

  /** Goes on after a warning. */
  stay() {
    this.#use();
    this.dispatchEvent(new Event('tick'));
  }

  /** Returns how long the session lasts without use; 0 or less if it has ended. */
  millisLeft() {
    return IDLE_MAX_MILLIS - Math.max(Date.now() - this.#usedAtMillis, performance.now() - this.#usedTicksMillis);
  }

  isEnding() {
    return this.key !== '' && this.millisLeft() < WARNING_MILLIS;
  }

  /** @param {string | null} position */
  keepPosition(position) {
    if (position) {
      this.position = position;
      sessionStorage.setItem(POSITION, position);
    }
  }

  forgetPosition() {
    this.position = '';
    sessionStorage.removeItem(POSITION);
  }

  /** Whether the root key is signed in. */
  isRoot() {
    return this.self?.actor?.type === 'root';
  }

  /**
   * Returns whether the caller holds one of Keyledger's own permissions.
   *
   * @param {string} permission without `keyledger:`
   */
  may(permission) {
    const [group] = permission.split(':');
    const covering = ['keyledger:*', `keyledger:${permission}`, `keyledger:${group}:*`];
    return this.self?.permissions.some((held) => covering.includes(held)) ?? false;
  }

  #use() {
    this.#usedAtMillis = Date.now();
    this.#usedTicksMillis = performance.now();
    this.#touchable = true;
    sessionStorage.setItem(USED_AT, String(this.#usedAtMillis));
  }

  #tick() {
    if (!this.key) {
      return;
    }
    if (this.millisLeft() <= 0) {
      this.end('idle');
      return;
    }
    this.#touchable = !this.isEnding();
    this.dispatchEvent(new Event('tick'));
  }

  #clear() {
    this.key = '';
    this.position = '';
    for (const name of [KEY, WORKSPACE, POSITION, USED_AT]) {
      sessionStorage.removeItem(name);
    }
  }
}

export const session = new Session();
