/** The page for whoever holds a key: what it is, until when, and renewing, rotating and revoking it. */
import {html, nothing} from 'lit';
import {idempotencyKeyOf, request} from '../console/api/api.js';
import {AskingElement, fieldsOf, keepFocus} from '../console/elements/console-element.js';
import '../console/elements/curl-log.js';
import '../console/elements/expiry-field.js';
import {expiryText, lastUseText, ownerText, statusBadge} from '../console/elements/key-texts.js';
import '../console/elements/overlap-field.js';
import '../console/elements/problem-notice.js';
import {showOnce} from '../console/elements/secret-once.js';
import '../console/elements/theme-button.js';
import '../console/elements/time-text.js';
import '../console/session/session-end.js';
import {session} from '../console/session/session.js';
import {signIn} from '../console/session/sign-in.js';

/** @typedef {Key & {renewalDue: boolean, holderMay: string[]}} HeldKey */

const ENDED = {
  '': '',
  'idle': 'The page has forgotten the key after 30 minutes without use.',
  'rejected': 'Keyledger no longer accepts this key.',
  'signed-out': 'This tab has forgotten the key.',
};

class MyKeyPage extends AskingElement {
  static properties = {done: {state: true}};

  constructor() {
    super();
    this.done = '';
    /** The command whose form was sent last. */
    this.tried = '';
    /** The key that a reminder was about; links name it, and never a secret. */
    this.keyId = new URLSearchParams(location.search).get('keyId') ?? '';
  }

  connectedCallback() {
    super.connectedCallback();
    session.resume();
    if (session.key) {
      this.#try(() => signIn(session.key, session.workspace));
    }
  }

  get #key() {
    return session.key && session.self?.keyId ? /** @type {HeldKey} */ (/** @type {unknown} */ (session.self)) : null;
  }

  render() {
    const key = this.#key;
    return html`
      <header class="top"><a class="brand" href="/my-key/"><img src="/console/icon.svg" alt="" width="24" height="24">My key</a>
        <span class="spring"></span><theme-button></theme-button></header>
      <div class="frame alone"><main tabindex="-1">
        ${key ? this.#held(key) : this.#ask()}
        <curl-log></curl-log>
      </main></div>
      <session-end></session-end>`;
  }

  /** What had the focus may be of the page before. */
  updated() {
    keepFocus(this.querySelector(this.#key ? 'main' : '[name="key"]'));
  }

  #notices() {
    return html`${this.tried ? nothing : html`<problem-notice .problem=${this.problem}></problem-notice>`}
      ${this.done ? html`<p class="notice" role="status">${this.done}</p>` : nothing}`;
  }

  #ask() {
    const isRoot = session.self?.actor !== undefined && session.key !== '';
    return html`<article class="sign-in">
      <h1>My key</h1>
      <p>Paste your key to see what it is, until when it works, and to renew it. It stays in this tab.</p>
      ${this.#notices()}
      ${this.done ? nothing : ENDED[session.ended] ? html`<p class="notice" role="status">${ENDED[session.ended]}</p>` : nothing}
      ${isRoot ? html`<p class="notice" role="alert">This is the root key. Use it <a href="/console/">in the console</a>.</p>` : nothing}
      <form @submit=${this.#show} autocomplete="off">
        ${this.keyId ? html`<label>Key id<input name="keyId" value=${this.keyId} readonly></label>` : nothing}
        <label>Key<input name="key" type="password" required autocomplete="off" spellcheck="false"></label>
        <details><summary>The key was imported into another workspace</summary>
          <label>Workspace<input name="workspace" placeholder="default" pattern="[a-z][a-z0-9\\-]{1,62}" autocomplete="off"></label>
        </details>
        <button type="submit" aria-busy=${this.busy}>Show</button>
      </form>
    </article>`;
  }

  /** @param {HeldKey} key */
  #held(key) {
    return html`<article>
      <h1>${key.name}</h1>
      ${this.keyId && this.keyId !== key.keyId
          ? html`<p class="notice" role="alert">The reminder was about <code>${this.keyId}</code>; this is another key.</p>`
          : nothing}
      ${key.renewalDue ? html`<p class="notice">This key expires soon. Renew it to keep it working.</p>` : nothing}
      <dl class="facts">
        <dt>State</dt><dd>${statusBadge(key.status)}</dd>
        <dt>Expires</dt><dd>${expiryText(key)}</dd>
        ${key.renewableUntil && key.status === 'expired'
            ? html`<dt>Renewable until</dt><dd><time-text .value=${key.renewableUntil} form="full"></time-text></dd>` : nothing}
        ${key.planned ? html`<dt>Planned</dt><dd>${key.planned.command} <time-text .value=${key.planned.effectiveAt}></time-text></dd>` : nothing}
        <dt>Last used</dt><dd>${lastUseText(key)}</dd>
        <dt>May</dt><dd><ul class="permissions">${key.permissions.map((permission) => html`<li><code>${permission}</code></li>`)}</ul></dd>
        <dt>From</dt><dd>${key.ipAllowList.length > 0 ? key.ipAllowList.join(', ') : 'any address'}</dd>
        <dt>Owner</dt><dd>${ownerText(key.owner)}</dd>
        <dt>Environment</dt><dd>${key.environment}</dd>
        <dt>Workspace</dt><dd>${key.workspace}</dd>
        <dt>Key id</dt><dd><code>${key.keyId}</code></dd>
        ${key.secrets.map((secret) => html`<dt>Secret ${secret.generation}</dt><dd><code>${secret.secretHint ?? 'no hint'}</code>,
          last used ${lastUseText(secret)}${secret.endsAt ? html`, ends <time-text .value=${secret.endsAt}></time-text>` : nothing}</dd>`)}
      </dl>
      ${this.#notices()}
      ${this.#commands(key)}
      <button type="button" class="secondary outline" @click=${() => session.end('signed-out')}>Forget the key</button>
    </article>`;
  }

  /** @param {HeldKey} key */
  #commands(key) {
    const mayRenew = key.holderMay.includes(key.status === 'expired' ? 'renew-expired' : 'renew');
    return html`
      ${mayRenew ? html`<details ?open=${key.renewalDue || this.keyId !== ''}><summary>Renew</summary>
        <form @submit=${this.#renew}>
          <expiry-field .earliest=${key.expiresAt}></expiry-field>
          ${this.#reason('renew')}
          <button type="submit" aria-busy=${this.busy}>Renew</button>
        </form></details>` : nothing}
      ${key.holderMay.includes('rotate') ? html`<details><summary>Rotate: get a new secret</summary>
        <form @submit=${this.#rotate}>
          <overlap-field isHolders></overlap-field>
          ${this.#reason('rotate')}
          <button type="submit" aria-busy=${this.busy}>Rotate</button>
        </form></details>` : nothing}
      ${mayRenew || key.holderMay.includes('rotate') ? nothing
          : html`<p class="fine">The workspace does not let holders renew or rotate this key now. Ask whoever gave it to you.</p>`}
      <details><summary>Revoke</summary>
        <form @submit=${this.#revoke}>
          <p>Everything that uses this key stops working at once, and for good. Last used: ${lastUseText(key)}.</p>
          ${this.#reason('revoke')}
          <label><input type="checkbox" required> I want to end this key</label>
          <button type="submit" class="danger" aria-busy=${this.busy}>Revoke</button>
        </form></details>`;
  }

  /** @param {string} form */
  #reason(form) {
    return html`<label>Reason <small>(optional, kept in the record)</small><input name="reason" maxlength="500" autocomplete="off"></label>
      ${this.tried === form ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}`;
  }

  /** @param {SubmitEvent} event */
  #show(event) {
    const fields = fieldsOf(event);
    this.#try(() => signIn(fields.key, fields.workspace));
  }

  /** @param {SubmitEvent} event */
  #renew(event) {
    const {reason} = fieldsOf(event);
    const expiry = /** @type {any} */ (this.querySelector('expiry-field')).value;
    this.#try(async () => {
      await this.#command(event, 'renew', {...expiry, ...(reason && {reason})});
      await signIn(session.key, session.workspace);
      this.done = 'The key is renewed.';
    }, 'renew');
  }

  /** @param {SubmitEvent} event */
  #rotate(event) {
    const {reason} = fieldsOf(event);
    const {value: overlap, endsWhenStored} = /** @type {import('../console/elements/overlap-field.js').OverlapField} */ (this.querySelector('overlap-field'));
    const old = session.key;
    this.#try(async () => {
      const {body: key} = await this.#command(event, 'rotate', {...overlap, ...(reason && {reason})});
      const stored = showOnce(key);
      await signIn(key.secret, session.workspace);
      await stored;
      if (endsWhenStored) {
        await this.#command(null, 'revoke', {revocationReason: 'superseded'}, old); // ends that secret only
        await signIn(key.secret, session.workspace);
      }
      this.done = 'The key has a new secret.';
    }, 'rotate');
  }

  /** @param {SubmitEvent} event */
  #revoke(event) {
    const {reason} = fieldsOf(event);
    this.#try(async () => {
      await this.#command(event, 'revoke', reason ? {reason} : {});
      session.end('signed-out');
      this.done = 'The key is revoked.';
    }, 'revoke');
  }

  /**
   * Sends a command on the key, once, however often its form is sent.
   *
   * @param {SubmitEvent | null} event
   * @param {'renew' | 'rotate' | 'revoke'} name
   * @param {Record<string, unknown>} body
   * @param {string} [key] another credential than that of the session
   */
  #command(event, name, body, key) {
    return request('POST', `/v1/self/${name}`, {body, key, headers: {'Idempotency-Key': idempotencyKeyOf(event, name)}});
  }

  /** @param {() => Promise<void>} task @param {string} [form] whose it is */
  async #try(task, form = '') {
    if (!this.busy) {
      this.done = '';
      this.tried = form;
    }
    await this.attempt(task);
  }
}

customElements.define('my-key-page', MyKeyPage);
