/** A key as it was at a time in the past: a slider from its issue until now. */
import {html} from 'lit';
import {read} from '../api/api.js';
import {fullText, localInput, serverNow, timeOf} from '../text/time.js';
import {ConsoleElement} from './console-element.js';
import {keyFacts} from './key-texts.js';
import {Loading} from './loading.js';

const STEPS = 1000;
const SLIDING_MILLIS = 150;

export class KeyAsItWas extends ConsoleElement {
  static properties = {keyId: {attribute: false}, since: {attribute: false}, at: {state: true}};

  constructor() {
    super();
    this.keyId = '';
    /** When the first event was. */
    this.since = '';
    /** @type {Date | null} */
    this.at = null;
    this.sliding = 0;
    /** @type {Loading<Key>} */
    this.past = new Loading(this, (signal) => read(`/v1/keys/${this.keyId}/at`, {time: this.at?.toISOString()}, signal));
  }

  #span() {
    const from = Date.parse(this.since) + 1; // whole milliseconds would be before the event
    return {from, millis: Math.max(1, serverNow().getTime() - from)};
  }

  render() {
    const {from, millis} = this.#span();
    const at = this.at;
    return html`<label>Move along the life of the key
        <input type="range" min="0" max=${STEPS} .value=${String(at ? ((at.getTime() - from) / millis) * STEPS : STEPS)}
          aria-valuetext=${at ? fullText(at) : 'now'} @input=${this.#slide}></label>
      <label>Or name the time<input type="datetime-local" step="1" min=${localInput(new Date(from))} .value=${at ? localInput(at) : ''} @change=${this.#name}></label>
      ${at ? html`<p>At <strong>${fullText(at)}</strong>:</p>${this.past.render((key) => keyFacts(key, {isPast: true}), 8)}`
          : html`<p class="muted">Move the slider to see the key as it was.</p>`}`;
  }

  /** @param {Event} event */
  #slide(event) {
    const {from, millis} = this.#span();
    this.#show(new Date(from + (Number(/** @type {HTMLInputElement} */ (event.target).value) / STEPS) * millis));
  }

  /** @param {Event} event */
  #name(event) {
    const time = timeOf(/** @type {HTMLInputElement} */ (event.target).value);
    if (time) {
      this.#show(time);
    }
  }

  /** @param {Date} time */
  #show(time) {
    this.at = time;
    clearTimeout(this.sliding);
    this.sliding = window.setTimeout(() => this.past.run(), SLIDING_MILLIS);
  }
}

customElements.define('key-as-it-was', KeyAsItWas);
