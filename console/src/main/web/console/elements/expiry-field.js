/** Chooses when a key expires, as the policy allows it: a usual lifetime, the longest, a date, or never. */
import {html, nothing} from 'lit';
import {session} from '../session/session.js';
import {ownPolicy} from '../session/sign-in.js';
import {dateText, durationMillis, durationWords, localInput} from '../text/time.js';
import {ConsoleElement, options} from './console-element.js';

const USUAL = ['P7D', 'P30D', 'P90D', 'P180D', 'P365D'];
const POLICY = 'policy';
const DATE = 'date';
const NEVER = 'never';
const KEEP = 'keep';
const USUAL_DATE_MILLIS = 90 * 24 * 60 * 60 * 1000;

export class ExpiryField extends ConsoleElement {
  static properties = {mayKeep: {type: Boolean}, earliest: {attribute: false}, chosen: {state: true}, date: {state: true}};

  constructor() {
    super();
    this.mayKeep = false;
    /** The key must not expire before. @type {string | undefined} */
    this.earliest = undefined;
    this.chosen = '';
    this.date = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.#askForPolicy();
  }

  /** It may have changed since the reader signed in. */
  async #askForPolicy() {
    await ownPolicy();
    this.requestUpdate();
  }

  get #policy() {
    return session.self?.policy;
  }

  /** The fields of a command; none for what the policy says. @returns {{lifetime?: string, expiresAt?: string}} */
  get value() {
    const chosen = this.#chosen();
    if (chosen === POLICY || chosen === KEEP) {
      return {};
    }
    return chosen === DATE ? {expiresAt: new Date(this.#date()).toISOString()} : {lifetime: chosen};
  }

  #chosen() {
    const choices = this.#choices();
    return choices.includes(this.chosen) ? this.chosen : choices[0];
  }

  #date() {
    return this.date || localInput(new Date(Date.now() + Math.min(Math.max(USUAL_DATE_MILLIS, this.#minMillis()), this.#maxMillis())));
  }

  #minMillis() {
    return this.earliest ? Math.max(0, Date.parse(this.earliest) - Date.now()) : 0;
  }

  #maxMillis() {
    return this.#policy ? durationMillis(this.#policy.maxLifetime) : Infinity;
  }

  /** What can be chosen; the first unless something else is. */
  #choices() {
    const policy = this.#policy;
    const longest = policy && !USUAL.some((lifetime) => durationMillis(lifetime) === this.#maxMillis()) ? [policy.maxLifetime] : [];
    const lifetimes = [...USUAL, ...longest].filter((lifetime) => durationMillis(lifetime) <= this.#maxMillis() && this.#isLateEnough(lifetime));
    const usual = this.mayKeep ? [KEEP] : !policy || this.#isLateEnough(policy.defaultLifetime) ? [POLICY] : [];
    return [...usual, ...lifetimes, DATE, ...(policy?.allowNoExpiry === false ? [] : [NEVER])];
  }

  /** @param {string} lifetime */
  #isLateEnough(lifetime) {
    return durationMillis(lifetime) >= this.#minMillis();
  }

  render() {
    const chosen = this.#chosen();
    return html`<label>Expires
      <select name="expiry" .value=${chosen} @change=${this.#choose}>
        ${options(this.#choices().map((choice) => [choice, this.#words(choice)]), chosen)}
      </select></label>
      ${chosen === DATE
          ? html`<label>Date and time
              <input type="datetime-local" name="expiryDate" required .value=${this.#date()}
                min=${localInput(new Date(Date.now() + this.#minMillis()))}
                max=${this.#policy ? localInput(new Date(Date.now() + this.#maxMillis())) : nothing}
                @change=${this.#setDate}></label>`
          : nothing}
      <small>${this.#meaning(chosen)}</small>`;
  }

  /** @param {string} choice */
  #words(choice) {
    const policy = this.#policy;
    switch (choice) {
      case KEEP: return 'as before';
      case POLICY: return `after the workspace's usual lifetime${policy ? ` (${durationWords(policy.defaultLifetime)})` : ''}`;
      case DATE: return 'at a date';
      case NEVER: return `never${policy ? '' : ', if the policy allows it'}`;
      default: return `after ${durationWords(choice)}`;
    }
  }

  /** @param {string} chosen */
  #meaning(chosen) {
    const policy = this.#policy;
    const millis = durationMillis(chosen === POLICY ? policy?.defaultLifetime ?? '' : chosen);
    const end = chosen === NEVER ? 'The key works until it is revoked. ' : Number.isNaN(millis) ? '' : `On ${dateText(new Date(Date.now() + millis))}. `;
    if (!policy) {
      return end;
    }
    if (chosen === DATE && this.#minMillis() > this.#maxMillis()) {
      return `The key lasts longer already than the policy allows now, which is ${durationWords(policy.maxLifetime)}.`;
    }
    return `${end}The policy allows ${policy.allowNoExpiry ? 'keys that never expire, and otherwise ' : ''}at most ${durationWords(policy.maxLifetime)} from now.`;
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
