/** Chooses when a key expires: a usual lifetime, a date, or never. */
import {html, nothing} from 'lit';
import {dateText, durationMillis, durationWords, localInput} from '../text/time.js';
import {ConsoleElement} from './console-element.js';

const USUAL = ['P7D', 'P30D', 'P90D', 'P180D', 'P365D'];
const POLICY = 'policy';
const DATE = 'date';
const NEVER = 'never';
const KEEP = 'keep';
const DAY_MILLIS = 24 * 60 * 60 * 1000;

/** @typedef {{defaultLifetime: string, maxLifetime: string, allowNoExpiry: boolean}} LifetimePolicy */

export class ExpiryField extends ConsoleElement {
  static properties = {policy: {attribute: false}, mayKeep: {type: Boolean}, chosen: {state: true}, date: {state: true}};

  constructor() {
    super();
    /** @type {LifetimePolicy | null} null if it is not known: only the root key may read policies */
    this.policy = null;
    this.mayKeep = false;
    this.chosen = '';
    this.date = localInput(new Date(Date.now() + 90 * DAY_MILLIS));
  }

  /** The fields of a command; none for what the policy says. @returns {{lifetime?: string, expiresAt?: string}} */
  get value() {
    const chosen = this.#chosen();
    if (chosen === POLICY || chosen === KEEP) {
      return {};
    }
    return chosen === DATE ? {expiresAt: new Date(this.date).toISOString()} : {lifetime: chosen};
  }

  #chosen() {
    return this.chosen || (this.mayKeep ? KEEP : POLICY);
  }

  /** @param {string} lifetime */
  #isAllowed(lifetime) {
    return !this.policy || durationMillis(lifetime) <= durationMillis(this.policy.maxLifetime);
  }

  render() {
    const policy = this.policy;
    const chosen = this.#chosen();
    return html`<label>Expires
      <select name="expiry" .value=${chosen} @change=${this.#choose}>
        ${this.mayKeep ? html`<option value=${KEEP}>as before</option>` : nothing}
        ${this.mayKeep ? nothing : html`<option value=${POLICY}>after the workspace's usual lifetime${policy
            ? ` (${durationWords(policy.defaultLifetime)})` : ''}</option>`}
        ${USUAL.filter((lifetime) => this.#isAllowed(lifetime)).map((lifetime) => html`<option value=${lifetime}
          >after ${durationWords(lifetime)}</option>`)}
        <option value=${DATE}>at a date</option>
        ${!policy || policy.allowNoExpiry ? html`<option value=${NEVER}>never${policy ? '' : ', if the policy allows it'}</option>` : nothing}
      </select></label>
      ${chosen === DATE
          ? html`<label>Date and time
              <input type="datetime-local" name="expiryDate" required .value=${this.date}
                min=${localInput(new Date())}
                max=${policy ? localInput(new Date(Date.now() + durationMillis(policy.maxLifetime))) : nothing}
                @change=${this.#setDate}></label>`
          : nothing}
      <small>${this.#meaning(chosen)}</small>`;
  }

  /** @param {string} chosen */
  #meaning(chosen) {
    const lifetime = chosen === POLICY ? this.policy?.defaultLifetime ?? '' : chosen;
    const millis = durationMillis(lifetime);
    const end = Number.isNaN(millis) ? '' : `On ${dateText(new Date(Date.now() + millis))}.`;
    const most = this.policy ? ` At most ${durationWords(this.policy.maxLifetime)} from now.` : '';
    return chosen === NEVER ? 'The key works until it is revoked.' : `${end}${most}`;
  }

  /** @param {Event} event */
  #choose(event) {
    this.chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    this.dispatchEvent(new Event('chosen', {bubbles: true}));
  }

  /** @param {Event} event */
  #setDate(event) {
    this.date = /** @type {HTMLInputElement} */ (event.target).value;
    this.dispatchEvent(new Event('chosen', {bubbles: true}));
  }
}

customElements.define('expiry-field', ExpiryField);
