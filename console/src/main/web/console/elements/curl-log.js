/** What this page has asked Keyledger, as commands to repeat it without the console. */
import {html, nothing} from 'lit';
import {requests} from '../api/api.js';
import {ConsoleElement} from './console-element.js';
import './copy-button.js';

const SHOWN_MAX = 20;

/** @typedef {{curl: string, method: string, path: string, status: number}} Made */

export class CurlLog extends ConsoleElement {
  static properties = {made: {state: true}};

  constructor() {
    super();
    /** @type {Made[]} the latest first */
    this.made = [];
    this.reader = '';
  }

  connectedCallback() {
    super.connectedCallback();
    requests.addEventListener('requested', this.#add);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    requests.removeEventListener('requested', this.#add);
  }

  /** Begins anew, for another page; only the command that led to it is kept. @param {string} reader */
  clear(reader) {
    this.made = reader === this.reader ? this.made.filter(({method}) => method !== 'GET').slice(0, 1) : [];
    this.reader = reader;
  }

  /** @param {Event} event */
  #add = (event) => {
    const made = /** @type {CustomEvent<Made>} */ (event).detail;
    this.made = [made, ...this.made.filter((other) => other.curl !== made.curl)].slice(0, SHOWN_MAX);
  };

  render() {
    if (this.made.length === 0) {
      return nothing;
    }
    return html`<details class="curl">
      <summary>What was done here, as commands (${this.made.length})</summary>
      <p class="fine">Set <code>KEY</code> to your key. The latest request comes first.</p>
      ${this.made.map((one) => html`<div class="snippet">
        <pre tabindex="0" aria-label="Command">${one.curl}</pre><copy-button .text=${one.curl}></copy-button>
      </div>`)}
    </details>`;
  }
}

customElements.define('curl-log', CurlLog);
