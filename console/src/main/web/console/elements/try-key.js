/** What a check of a key answers, and why: condition by condition, now or at a time in the past. */
import {html, nothing} from 'lit';
import {request} from '../api/api.js';
import {eventWords} from '../text/changes.js';
import {serverNow} from '../text/time.js';
import {ConsoleElement, fieldsOf} from './console-element.js';
import {Loading} from './loading.js';
import './time-text.js';

/** What each condition asks, by its code. @type {Record<string, string>} */
const QUESTIONS = {
  REVOKED: 'is not revoked',
  ROTATED_OUT: 'its secret is the current one, or in its overlap',
  SUSPENDED: 'is not suspended',
  NOT_YET_ACTIVE: 'has begun',
  EXPIRED: 'has not expired',
  ISSUER_INVALID: 'the operator that issued it is valid',
  WRONG_ENVIRONMENT: 'is for this environment',
  IP_NOT_ALLOWED: 'is used from an allowed address',
  INSUFFICIENT_PERMISSIONS: 'has the required permissions',
};

/** @typedef {{code: string, passed: boolean, applies: boolean, event?: {type: string, position: number, time: string},
 *   required?: string[], held?: string, permissions?: {permission: string, held: boolean, pattern?: string}[]}} Condition */
/** @typedef {{valid: boolean, code: string, missingPermissions?: string[], conditions?: Condition[], asOf: string,
 *   decidedBy?: {type: string, position: number, time: string}}} Decision */

export class TryKey extends ConsoleElement {
  static properties = {keyId: {attribute: false}, environment: {attribute: false}, asked: {state: true}};

  constructor() {
    super();
    this.keyId = '';
    this.environment = 'live';
    this.asked = false;
    /** @type {Record<string, unknown>} */
    this.body = {};
    /** @type {Loading<Decision>} */
    this.decision = new Loading(this, async (signal) =>
      (await request('POST', '/v1/verify/at', {body: this.body, signal})).body);
  }

  render() {
    return html`<form @submit=${this.#submit} autocomplete="off">
        <div class="pair even">
          <label>Permissions <small>(separated by spaces)</small><input name="permissions" placeholder="read:users" spellcheck="false"></label>
          <label>Required<select name="match"><option value="allOf">all of them</option><option value="anyOf">one of them</option></select></label>
          <label>From address<input name="ip" placeholder="203.0.113.7" spellcheck="false"></label>
          <label>Environment<select name="environment">${['live', 'test', 'any'].map((one) => html`<option ?selected=${one === this.environment}>${one}</option>`)}</select></label>
          <label>At <small>(empty for now)</small><input type="datetime-local" step="1" name="time"></label>
        </div>
        <button type="submit" class="small">Try it</button>
      </form>
      ${this.asked ? html`<div aria-live="polite">${this.decision.render((decision) => this.#explained(decision), 5)}</div>` : nothing}`;
  }

  /** @param {Decision} decision */
  #explained(decision) {
    return html`<p class="verdict ${decision.valid ? 'good' : 'bad'}">${decision.code}</p>
      ${decision.decidedBy ? html`<p class="fine">Because of: ${eventWords(decision.decidedBy.type)}
        <time-text .value=${decision.decidedBy.time}></time-text>, position ${decision.decidedBy.position}.</p>` : nothing}
      <ul class="conditions">${(decision.conditions ?? []).map((condition) => html`<li>
        <span class=${!condition.applies ? 'idle' : condition.passed ? 'passed' : 'failed'}></span>
        <span><span class="hidden">${!condition.applies ? 'Nothing to ask:' : condition.passed ? 'Passed:' : 'Failed:'}</span>
          ${QUESTIONS[condition.code] ?? condition.code}
          ${detailsOf(condition)}</span></li>`)}</ul>`;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    const {time, environment, match, ip, ...fields} = fieldsOf(event);
    const permissions = fields.permissions.split(/[\s,]+/).filter(Boolean);
    this.body = {
      keyId: this.keyId,
      time: (time ? new Date(time) : serverNow()).toISOString(),
      environment,
      explain: true,
      ...(permissions.length > 0 && {permissions: {[match]: permissions}}),
      ...(ip && {ip}),
    };
    this.asked = true;
    this.decision.clear(); // it answers another question
    this.decision.run();
  }
}

/** @param {Condition} condition */
function detailsOf(condition) {
  return html`<small>
    ${condition.permissions?.map((one) => html`<span class="block"><code>${one.permission}</code>
      ${one.held ? html`held by <code>${one.pattern}</code>` : 'missing'}</span>`) ?? nothing}
    ${condition.required && condition.applies ? html`<span class="block">accepted: ${condition.required.join(', ')}; given: ${condition.held ?? 'none'}</span>` : nothing}
    ${condition.event && !condition.passed ? html`<span class="block">${eventWords(condition.event.type)} <time-text .value=${condition.event.time}></time-text>, position ${condition.event.position}</span>` : nothing}
  </small>`;
}

customElements.define('try-key', TryKey);
