/** The commands on a key that its reader may send and that its state allows, each with a dialog. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {linkTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {localInput, relativeWords} from '../text/time.js';
import {ConsoleElement} from './console-element.js';
import './expiry-field.js';
import './ip-list-field.js';
import {ownerText} from './key-texts.js';
import './metadata-field.js';
import './overlap-field.js';
import './owner-field.js';
import './permissions-field.js';
import './problem-notice.js';
import {REVOCATION_REASONS} from './revocation-reasons.js';
import './secret-once.js';

/** @typedef {import('../api/types.js').Key} Key */

/**
 * @typedef {object} Command
 * @property {string} title of its button and its dialog
 * @property {string} needs
 * @property {string} done what is said when it is done
 * @property {(key: Key) => boolean} isPossible
 * @property {string} [method]
 * @property {string} [path] after that of the key; by default the name
 * @property {boolean} [isDangerous]
 */

/** @param {Key} key */
const isAlive = (key) => key.status !== 'revoked' && key.status !== 'expired';
/** @param {Key} key */
const isNotRevoked = (key) => key.status !== 'revoked';
/** @param {Key} key */
const hasOverlap = (key) => key.secrets.length > 1;

/** @type {Record<string, Command>} */
const COMMANDS = {
  'renew': {title: 'Renew', needs: 'keys:renew', done: 'Renewed.', isPossible: isNotRevoked},
  'rotate': {title: 'Rotate', needs: 'keys:rotate', done: 'Rotated.', isPossible: isNotRevoked},
  'retire-secret': {title: 'Close the overlap', needs: 'keys:rotate', done: 'The overlap is closed.', isPossible: (key) => isAlive(key) && hasOverlap(key)},
  'suspend': {title: 'Suspend', needs: 'keys:suspend', done: 'Suspended.', isPossible: (key) => isAlive(key) && key.status !== 'suspended'},
  'resume': {title: 'Resume', needs: 'keys:suspend', done: 'Resumed.', isPossible: (key) => key.status === 'suspended'},
  'permissions': {title: 'Permissions', needs: 'keys:change', done: 'The permissions are changed.', isPossible: isAlive, method: 'PUT'},
  'restrictions': {title: 'Restrict', needs: 'keys:change', done: 'The addresses are changed.', isPossible: isAlive, method: 'PUT'},
  'describe': {title: 'Describe', needs: 'keys:change', done: 'Described.', isPossible: isNotRevoked, method: 'PATCH', path: ''},
  'transfer': {title: 'Transfer', needs: 'keys:change', done: 'Transferred.', isPossible: isNotRevoked},
  'cancel-plan': {title: 'Cancel the plan', needs: '', done: 'The plan is cancelled.', isPossible: (key) => key.planned !== undefined},
  'revoke': {title: 'Revoke', needs: 'keys:revoke', done: 'Revoked.', isPossible: isNotRevoked, isDangerous: true},
};

export class KeyCommands extends ConsoleElement {
  static properties = {key: {attribute: false}, name: {state: true}, busy: {state: true}, problem: {state: true}, descendants: {state: true}, when: {state: true}};

  constructor() {
    super();
    /** @type {Key | null} */
    this.key = null;
    /** The command whose dialog is open; empty if none is. */
    this.name = '';
    this.busy = false;
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
    /** How many keys descend from this one; of an operator key only. */
    this.descendants = 0;
    /** When a revocation or suspension takes effect: `now` or `later`. */
    this.when = 'now';
    this.idempotencyKey = '';
  }

  render() {
    const key = this.key;
    if (!key) {
      return nothing;
    }
    const possible = Object.entries(COMMANDS).filter(([name, command]) => command.isPossible(key) && session.may(needsOf(name, key)));
    return html`<div class="actions">
        ${possible.map(([name, command]) => html`<button type="button" class=${command.isDangerous ? 'danger' : 'secondary outline'}
          @click=${() => this.#open(name)}>${command.title}</button>`)}
        ${session.may('keys:issue') ? html`<a role="button" class="secondary outline" href=${linkTo('/issue', {like: key.keyId})}>Issue another like this</a>` : nothing}
      </div>
      ${this.name ? this.#dialog(key, COMMANDS[this.name]) : nothing}
      <secret-once></secret-once>`;
  }

  /** @param {Key} key @param {Command} command */
  #dialog(key, command) {
    return html`<dialog aria-labelledby="command-title" @close=${() => (this.name = '')}><article class="roomy">
      <form @submit=${this.#submit} autocomplete="off">
        <h2 id="command-title">${command.title}: ${key.name}</h2>
        ${this.#fields(key)}
        <label>Reason <small>(optional, kept in the record)</small><input name="reason" maxlength="500" autocomplete="off"></label>
        ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
        <footer>
          <button type="button" class="secondary outline" ?disabled=${this.busy} @click=${() => this.#close()}>Cancel</button>
          <button type="submit" class=${command.isDangerous ? 'danger' : ''} aria-busy=${this.busy ? 'true' : nothing} ?disabled=${this.busy}>${command.title}</button>
        </footer>
      </form></article></dialog>`;
  }

  /** @param {Key} key */
  #fields(key) {
    const fields = {
      'renew': () => html`<p>${key.expiresAt ? `It expires ${relativeWords(new Date(key.expiresAt))}.` : 'It never expires.'}</p><expiry-field></expiry-field>
        <label><input type="checkbox" name="allowShorter"> It may end earlier than it does now</label>`,
      'rotate': () => html`<p>The key gets a new secret, which is shown once. Its id, permissions and expiry stay.</p>
        ${hasOverlap(key) ? html`<p class="notice">An overlap is open. <label><input type="checkbox" name="closeOverlap" required> End the earlier secret now</label></p>` : nothing}
        <overlap-field></overlap-field>
        ${key.status === 'expired' ? html`<p class="notice">The key has expired: it needs a new expiry, and its old secret stays dead.</p><expiry-field></expiry-field>`
            : html`<expiry-field mayKeep></expiry-field>`}`,
      'retire-secret': () => html`<p>The earlier secret is refused at once. It was last used ${lastUseOfEarlier(key)}.</p>`,
      'suspend': () => html`<p>Checks refuse the key until it is resumed. ${impact(key)}</p>${this.#time()}`,
      'resume': () => html`<p>Checks accept the key again.</p>`,
      'permissions': () => html`<permissions-field .value=${key.permissions} .known=${key.permissions}></permissions-field>`,
      'restrictions': () => html`<ip-list-field .ranges=${key.ipAllowList}></ip-list-field>`,
      'describe': () => html`<label>Name<input name="name" required maxlength="100" .value=${key.name}></label>
        <metadata-field .metadata=${key.metadata}></metadata-field>`,
      'transfer': () => html`<p>It belongs to ${ownerText(key.owner)}.</p><owner-field></owner-field>`,
      'cancel-plan': () => html`<p>The key stays as it is.</p>`,
      'revoke': () => html`<p class="notice"><strong>${impact(key)}</strong> After a revocation every check refuses it, for good.</p>
        ${this.descendants > 0 ? html`<label><input type="checkbox" name="cascade"> Revoke the ${this.descendants} keys that descend from it, too</label>` : nothing}
        <label>Why<select name="revocationReason">${REVOCATION_REASONS.map(([value, label]) => html`<option value=${value}>${label}</option>`)}</select></label>
        ${this.#time()}`,
    };
    return fields[/** @type {keyof typeof fields} */ (this.name)]();
  }

  #time() {
    return html`<fieldset class="inline"><legend>When</legend>
      ${['now', 'later'].map((when) => html`<label><input type="radio" name="when" ?checked=${this.when === when} @change=${() => (this.when = when)}>${when}</label>`)}
      ${this.when === 'later' ? html`<input type="datetime-local" name="effectiveAt" aria-label="Time" required min=${localInput(new Date())}>` : nothing}</fieldset>`;
  }

  /** @param {string} name */
  async #open(name) {
    this.name = name;
    this.problem = null;
    this.when = 'now';
    this.idempotencyKey = crypto.getRandomValues(new Uint32Array(4)).join('-').padStart(16, '0');
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    if (name === 'revoke') {
      this.#countDescendants();
    }
  }

  #close() {
    /** @type {HTMLDialogElement | null} */ (this.querySelector('dialog[aria-labelledby="command-title"]'))?.close();
  }

  async #countDescendants() {
    this.descendants = 0;
    const isOperator = this.key?.permissions.some((one) => one.startsWith('keyledger:'));
    if (isOperator && session.may('audit:read')) {
      try {
        /** @type {import('../api/types.js').Page<{status: string}>} */
        const page = await read(`/v1/keys/${this.key?.keyId}/lineage`, {limit: '200'});
        this.descendants = page.data.filter((one) => one.status !== 'revoked').length;
      } catch {
        // The command works without.
      }
    }
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const key = /** @type {Key} */ (this.key);
    const name = this.name;
    const command = COMMANDS[name];
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const body = this.#body(fields);
    if (!body) {
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      const answer = await request(command.method ?? 'POST',
          `/v1/keys/${key.keyId}${path(name, command)}${fields.get('cascade') ? '?cascade=true' : ''}`,
          {body, headers: {'Idempotency-Key': this.idempotencyKey, 'If-Match': `"${key.version}"`}});
      this.#close();
      const stored = answer.body.secret ? this.#show(answer.body) : null;
      this.dispatchEvent(new CustomEvent('done', {detail: {
        what: body.effectiveAt ? 'Planned.' : command.done, token: answer.headers.get('Keyledger-Position') ?? ''}}));
      await stored;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      if (this.problem.code === 'version-mismatch') {
        this.dispatchEvent(new Event('changed'));
      }
      this.idempotencyKey = this.problem.status >= 400 && this.problem.status < 500 ? `${this.idempotencyKey}x`.slice(-64) : this.idempotencyKey;
    }
    this.busy = false;
  }

  /** @param {Key} issued */
  #show(issued) {
    return /** @type {import('./secret-once.js').SecretOnce} */ (this.querySelector('secret-once')).show(issued);
  }

  /** Returns the body of the command, or null if a field is wrong. @param {FormData} fields @returns {Record<string, unknown> | null} */
  #body(fields) {
    /** @param {string} element */
    const valueOf = (element) => /** @type {any} */ (this.querySelector(element))?.value;
    /** @param {string} field */
    const text = (field) => String(fields.get(field) ?? '').trim();
    const permissions = /** @type {import('./permissions-field.js').PermissionsField | null} */ (this.querySelector('permissions-field'));
    const addresses = /** @type {import('./ip-list-field.js').IpListField | null} */ (this.querySelector('ip-list-field'));
    if ((permissions && !permissions.add()) || (addresses && !addresses.check())) {
      return null;
    }
    return {
      ...valueOf('expiry-field'),
      ...valueOf('overlap-field'),
      ...(fields.get('allowShorter') && {allowShorter: true}),
      ...(fields.get('closeOverlap') && {closeOverlap: true}),
      ...(permissions && {permissions: permissions.value}),
      ...(addresses && {ipAllowList: addresses.value}),
      ...(this.name === 'describe' && {name: text('name'), metadata: valueOf('metadata-field')}),
      ...(this.name === 'transfer' && {owner: valueOf('owner-field')}),
      ...(this.name === 'revoke' && {revocationReason: text('revocationReason')}),
      ...(text('effectiveAt') && {effectiveAt: new Date(text('effectiveAt')).toISOString()}),
      ...(text('reason') && {reason: text('reason')}),
    };
  }
}

/** @param {string} name @param {Command} command */
function path(name, command) {
  return (command.path ?? name) ? `/${command.path ?? name}` : '';
}

/** @param {string} name @param {Key} key */
function needsOf(name, key) {
  return name === 'cancel-plan' ? `keys:${key.planned?.command}` : COMMANDS[name].needs;
}

/** Who is affected, in a sentence. @param {Key} key */
function impact(key) {
  return key.lastUsedAt
      ? `It was used ${relativeWords(new Date(key.lastUsedAt))}. Its owner is ${key.owner.type} ${key.owner.id}.`
      : `It was never used. Its owner is ${key.owner.type} ${key.owner.id}.`;
}

/** @param {Key} key */
function lastUseOfEarlier(key) {
  const earlier = key.secrets.find((secret) => secret.generation !== key.generation);
  return earlier?.lastUsedAt ? relativeWords(new Date(earlier.lastUsedAt)) : 'never';
}

customElements.define('key-commands', KeyCommands);
