/** The policy of a workspace: what commands in it may ask for. */
import {html, nothing} from 'lit';
import {policyLabel} from '../text/changes.js';
import {DURATION_HINT, durationOf, durationWords} from '../text/time.js';
import {ConsoleElement} from './console-element.js';
import './permissions-field.js';

/**
 * @typedef {object} Policy
 * @property {string} defaultLifetime
 * @property {string} maxLifetime
 * @property {boolean} allowNoExpiry
 * @property {string} renewalWindow
 * @property {string} defaultOverlap
 * @property {string[]} reminders
 * @property {string[]} [allowedPermissions] absent for all
 * @property {number} maxKeys
 * @property {boolean} operatorsOutliveIssuer
 * @property {string[]} holderMay
 * @property {string} rotationQuiet
 */

/** The durations: the name, and what it means. */
const DURATIONS = /** @type {const} */ ([
  ['defaultLifetime', 'When a key expires whose command does not say.'],
  ['maxLifetime', 'No key is issued or renewed for longer.'],
  ['renewalWindow', 'An expired key can be renewed until then.'],
  ['defaultOverlap', 'How long the earlier secret is accepted after a rotation that does not say.'],
  ['rotationQuiet', 'How long the earlier secret must be unused until a rotation counts as complete.'],
]);

/** @type {[string, string][]} */
const HOLDER_MAY = [['renew', 'renew it'], ['renew-expired', 'renew it after it has expired'], ['rotate', 'rotate it']];

export class PolicyFields extends ConsoleElement {
  static properties = {policy: {attribute: false}, isLimited: {state: true}};

  constructor() {
    super();
    /** @type {Policy | null} */
    this.policy = null;
    /** Whether keys may hold some permissions only. */
    this.isLimited = false;
    /** @type {string[]} */
    this.allowed = [];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('policy') && this.policy) {
      this.allowed = this.policy.allowedPermissions ?? [];
      this.isLimited = this.policy.allowedPermissions !== undefined;
    }
  }

  /** Returns whether all fields are right, and says so if they are not. */
  check() {
    const permissions = /** @type {import('./permissions-field.js').PermissionsField | null} */ (this.querySelector('permissions-field'));
    if (permissions && !permissions.add()) {
      return false;
    }
    const texts = [...DURATIONS.map(([name]) => name), 'reminders'].map((name) => this.#input(name));
    for (const input of texts) {
      const isRight = input.name === 'reminders' ? remindersOf(input.value) : durationOf(input.value);
      input.setCustomValidity(isRight ? '' : `Write a duration, ${DURATION_HINT}.`);
    }
    const wrong = texts.find((input) => !input.validity.valid);
    wrong?.reportValidity();
    return wrong === undefined;
  }

  /** The fields that differ from the policy. @returns {Record<string, unknown>} */
  get value() {
    const policy = /** @type {Record<string, any>} */ (this.policy);
    const chosen = /** @type {Record<string, unknown>} */ ({
      ...Object.fromEntries(DURATIONS.map(([name]) => [name, durationOf(this.#input(name).value)])),
      reminders: remindersOf(this.#input('reminders').value),
      maxKeys: Number(this.#input('maxKeys').value),
      allowNoExpiry: this.#input('allowNoExpiry').checked,
      operatorsOutliveIssuer: this.#input('operatorsOutliveIssuer').checked,
      holderMay: HOLDER_MAY.map(([name]) => name).filter((name) => this.#input(name).checked),
      allowedPermissions: this.isLimited ? /** @type {any} */ (this.querySelector('permissions-field')).value : null,
    });
    return Object.fromEntries(Object.entries(chosen).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(policy[name] ?? null)
        && !(typeof value === 'string' && durationWords(value) === durationWords(policy[name]))));
  }

  /** @param {string} name */
  #input(name) {
    return /** @type {HTMLInputElement} */ (this.querySelector(`[name="${name}"]`));
  }

  render() {
    const policy = this.policy;
    if (!policy) {
      return nothing;
    }
    return html`<div class="pair even">
        ${DURATIONS.map(([name, meaning]) => html`<label>${policyLabel(name)}<input name=${name} required .value=${durationWords(policy[name])} @input=${this.#typed}>
          <small>${meaning}</small></label>`)}
        <label>Reminders before the expiry<input name="reminders" .value=${policy.reminders.map(durationWords).join(', ')} @input=${this.#typed}>
          <small>Up to ten, with commas between them; empty for none.</small></label>
        <label>Most keys<input type="number" name="maxKeys" required min="0" max="1000000000" .value=${String(policy.maxKeys)}>
          <small>Keys that are not revoked.</small></label></div>
      <fieldset><legend>Expiry</legend><label><input type="checkbox" name="allowNoExpiry" .checked=${policy.allowNoExpiry}> Keys may be issued that never expire</label></fieldset>
      <fieldset><legend>With a key, its holder may</legend>
        ${HOLDER_MAY.map(([name, label]) => html`<label><input type="checkbox" name=${name} .checked=${policy.holderMay.includes(name)}> ${label}</label>`)}
        <small>And revoke it, always.</small></fieldset>
      <fieldset><legend>Operators</legend><label><input type="checkbox" name="operatorsOutliveIssuer" .checked=${policy.operatorsOutliveIssuer}>
        Operators stay valid when the operator who issued them is not</label>
        <small>Applies to each check, at once. Everything else applies to later commands.</small></fieldset>
      <fieldset><legend>Keys may hold</legend>
        ${[false, true].map((isLimited) => html`<label><input type="radio" name="limited" ?checked=${isLimited === this.isLimited}
          @change=${() => (this.isLimited = isLimited)}> ${isLimited ? 'what these patterns cover' : 'any permission'}</label>`)}
        ${this.isLimited ? html`<permissions-field isOfPolicy .given=${this.allowed}></permissions-field>` : nothing}</fieldset>`;
  }

  /** @param {Event} event */
  #typed(event) {
    /** @type {HTMLInputElement} */ (event.target).setCustomValidity('');
  }
}

/** Returns durations, or null if one is none. @param {string} text @returns {string[] | null} */
function remindersOf(text) {
  const durations = text.split(',').map((one) => one.trim()).filter(Boolean).map(durationOf);
  return durations.every((one) => one !== null) ? /** @type {string[]} */ (durations) : null;
}

customElements.define('policy-fields', PolicyFields);
