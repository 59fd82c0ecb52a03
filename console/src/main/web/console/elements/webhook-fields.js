/** The fields of a webhook: where it sends, and what. */
import {html, nothing} from 'lit';
import {EVENT_WORDS} from '../text/changes.js';
import {ConsoleElement} from './console-element.js';

/** @typedef {import('./webhook-texts.js').Webhook} Webhook */

const REMINDERS = ['ExpiryApproaching', 'KeyExpired'];

export class WebhookFields extends ConsoleElement {
  static properties = {webhook: {attribute: false}, kind: {state: true}, types: {state: true}};

  constructor() {
    super();
    /** The webhook to change; null for a new one. @type {Webhook | null} */
    this.webhook = null;
    /** @type {'http' | 'email'} */
    this.kind = 'http';
    /** @type {'all' | 'some'} */
    this.types = 'all';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('webhook') && this.webhook) {
      this.kind = this.webhook.kind;
      this.types = this.webhook.types ? 'some' : 'all';
    }
  }

  /** The fields of a command. Null stands for no filter: it removes one. @returns {Record<string, unknown>} */
  get value() {
    /** @param {string} name */
    const field = (name) => /** @type {HTMLInputElement | null} */ (this.querySelector(`[name=${name}]`))?.value.trim() ?? '';
    const types = [...this.querySelectorAll('[name=types]:checked')].map((box) => /** @type {HTMLInputElement} */ (box).value);
    const ownerId = field('ownerId');
    return {
      ...(this.webhook ? {} : {kind: this.kind}),
      ...(this.kind === 'http' ? {url: field('url')} : {address: field('address')}),
      types: this.types === 'all' ? null : types,
      owner: ownerId ? {type: field('ownerType'), id: ownerId} : null,
    };
  }

  /** Returns whether the fields are right, and says so if they are not. */
  check() {
    const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll('[name=types]'));
    const isMissing = this.types === 'some' && ![...boxes].some((box) => box.checked);
    boxes[0]?.setCustomValidity(isMissing ? 'Choose at least one event.' : '');
    boxes[0]?.reportValidity();
    return !isMissing;
  }

  render() {
    const webhook = this.webhook;
    return html`
      ${webhook ? nothing : html`<fieldset class="inline"><legend>How</legend>
        ${/** @type {const} */ ([['http', 'a request to a service of yours'], ['email', 'a mail']]).map(([kind, label]) => html`<label><input type="radio" name="kind" value=${kind}
          ?checked=${kind === this.kind} @change=${() => (this.kind = kind)}>${label}</label>`)}</fieldset>`}
      ${this.kind === 'http'
          ? html`<label>Address of the service<input type="url" name="url" required maxlength="2048" placeholder="https://hooks.example.com/keyledger" .value=${webhook?.url ?? ''}>
              <small>HTTPS, and a public host, unless Keyledger is configured to reach others.</small></label>`
          : html`<label>Mail address<input type="email" name="address" required maxlength="254" placeholder="ops@example.com" .value=${webhook?.address ?? ''}>
              <small>In a domain that Keyledger is configured to send to. Most people want reminders and expiries only.</small></label>`}
      <fieldset class="inline"><legend>Which events</legend>
        ${/** @type {const} */ ([['all', 'all of the workspace'], ['some', 'some']]).map(([value, label]) => html`<label><input type="radio" name="which" value=${value}
          ?checked=${value === this.types} @change=${() => (this.types = value)}>${label}</label>`)}
        ${this.types === 'some' ? html`<div class="fields">${Object.entries(EVENT_WORDS).map(([type, words]) => html`<label><input
          type="checkbox" name="types" value=${type} ?checked=${(webhook?.types ?? REMINDERS).includes(type)} @change=${() => this.check()}>${words}</label>`)}</div>` : nothing}</fieldset>
      <div class="pair"><label>Only of owner<select name="ownerType">
          ${['app', 'service', 'user'].map((type) => html`<option value=${type} ?selected=${type === (webhook?.owner?.type ?? 'service')}>${type}</option>`)}</select></label>
        <label>Its id <small>(empty for all owners)</small><input name="ownerId" maxlength="255" pattern="[!-~]+" title="visible ASCII characters, without spaces" .value=${webhook?.owner?.id ?? ''}></label></div>`;
  }
}

customElements.define('webhook-fields', WebhookFields);
