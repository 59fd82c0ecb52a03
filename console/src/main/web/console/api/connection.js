/** Whether Keyledger can be reached, and whether the node that answers is up to date. */

/** @typedef {'ok' | 'offline' | 'stale'} ConnectionState */

class Connection extends EventTarget {
  /** @type {ConnectionState} */
  state = 'ok';

  constructor() {
    super();
    window.addEventListener('offline', () => this.is('offline'));
    window.addEventListener('online', () => this.is('ok'));
  }

  /** @param {ConnectionState} state */
  is(state) {
    if (state !== this.state) {
      this.state = state;
      this.dispatchEvent(new Event('change'));
    }
  }
}

export const connection = new Connection();
