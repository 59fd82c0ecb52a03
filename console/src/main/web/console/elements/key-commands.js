/** The commands on a key that its reader may send and that its state allows, each with a dialog. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {grantedBy} from '../permissions/patterns.js';
import {linkTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {localInput, relativeWords} from '../text/time.js';
import {reasonOf} from './command-dialog.js';
import {ConsoleElement, options} from './console-element.js';
import './expiry-field.js';
import './ip-list-field.js';
import {isAlive, ownerText, REVOCATION_REASONS} from './key-texts.js';
import './metadata-field.js';
import './overlap-field.js';
import './owner-field.js';
import './permissions-field.js';
import {showOnce} from './secret-once.js';

/**
 * @typedef {object} Command
 * @property {string} title of its button and its dialog
 * @property {string} needs
 * @property {string} done what is said when it is done
 * @property {(key: Key) => boolean} isPossible
 * @property {string} [method]
 * @property {string} [path] after that of the key; by default the name
 * @property {boolean} [isDangerous]
 * @property {boolean} [isGrave]
 */

/** @param {Key} key */
const isNotRevoked = (key) => key.status !== 'revoked';
/** @param {Key} key */
const hasOverlap = (key) => key.secrets.length > 1;

/** These need no more than their permission; for all others, the reader's ceiling must cover what the key holds. */
const WITHOUT_CEILING = new Set(['retire-secret', 'suspend', 'revoke']);

/** @type {Record<string, Command>} */
const COMMANDS = {
  'renew': {title: 'Renew', needs: 'keys:renew', done: 'Renewed.', isPossible: isNotRevoked},
  'rotate': {title: 'Rotate', needs: 'keys:rotate', done: 'Rotated.', isPossible: isNotRevoked},
  'retire-secret': {title: 'Close the overlap', needs: 'keys:rotate', done: 'The overlap is closed.', isPossible: (key) => isAlive(key) && hasOverlap(key), isGrave: true},
  'suspend': {title: 'Suspend', needs: 'keys:suspend', done: 'Suspended.', isPossible: (key) => isAlive(key) && key.status !== 'suspended', isGrave: true},
  'resume': {title: 'Resume', needs: 'keys:suspend', done: 'Resumed.', isPossible: (key) => key.status === 'suspended'},
  'permissions': {title: 'Permissions', needs: 'keys:change', done: 'The permissions are changed.', isPossible: isAlive, method: 'PUT'},
  'restrictions': {title: 'Restrict', needs: 'keys:change', done: 'The addresses are changed.', isPossible: isAlive, method: 'PUT'},
  'describe': {title: 'Describe', needs: 'keys:change', done: 'Described.', isPossible: isNotRevoked, method: 'PATCH', path: ''},
  'transfer': {title: 'Transfer', needs: 'keys:change', done: 'Transferred.', isPossible: isNotRevoked},
  'cancel-plan': {title: 'Cancel the plan', needs: '', done: 'The plan is cancelled.', isPossible: (key) => key.planned !== undefined},
  'revoke': {title: 'Revoke', needs: 'keys:revoke', done: 'Revoked.', isPossible: isNotRevoked, isDangerous: true},
};

export class KeyCommands extends ConsoleElement {
  static properties = {key: {attribute: false}};

  constructor() {
    super();
    /** @type {Key | null} */
    this.key = null;
    /** How many keys descend from this one; of an operator key only. */
    this.descendants = 0;
    /** When a revocation or suspension takes effect: `now` or `later`. */
    this.when = 'now';
    /** Whether a renewal may bring the expiry forward. */
    this.mayShorten = false;
  }

  /** The dialog shows the key, too. */
  updated() {
    this.#dialog?.requestUpdate();
  }

  render() {
    const key = this.key;
    if (!key) {
      return nothing;
    }
    const above = key.permissions.filter((one) => grantedBy(session.self?.permissions ?? [], one) === undefined);
    const permitted = Object.entries(COMMANDS).filter(([name, command]) => command.isPossible(key) && session.may(needsOf(name, key)));
    const within = permitted.filter(([name]) => above.length === 0 || WITHOUT_CEILING.has(name));
    return html`<div class="actions">
        ${within.map(([name, command]) => html`<button type="button" class=${command.isDangerous ? 'danger' : 'secondary outline'}
              @click=${() => this.#open(name, command)}>${command.title}</button>`)}
        ${session.may('keys:issue') && above.length === 0 ? html`<a role="button" class="secondary outline" href=${linkTo('/issue', {like: key.keyId})}>Issue another like this</a>` : nothing}
      </div>
      ${within.length < permitted.length ? html`<p class="fine">The key is above your ceiling, so that you may do no more with it: you may not grant
        ${above.map((one) => html`<code>${one}</code> `)}</p>` : nothing}
      <command-dialog></command-dialog>`;
  }

  get #dialog() {
    return /** @type {import('./command-dialog.js').CommandDialog} */ (this.querySelector('command-dialog'));
  }

  /** @param {string} name @param {Command} command */
  #open(name, command) {
    this.when = 'now';
    this.mayShorten = false;
    this.descendants = 0;
    this.#dialog.open({
      title: `${command.title}: ${this.key?.name}`,
      action: command.title,
      isDangerous: command.isDangerous,
      isGrave: command.isGrave,
      fields: () => this.#fields(name, /** @type {Key} */ (this.key)),
      check: () => (this.#permissions?.add() ?? true) && (this.#addresses?.check() ?? true),
      send: (fields, headers) => this.#send(name, command, fields, headers),
    });
    if (name === 'revoke') {
      this.#countDescendants();
    }
  }

  /** @returns {import('./permissions-field.js').PermissionsField | null} */
  get #permissions() {
    return this.querySelector('permissions-field');
  }

  /** @returns {import('./ip-list-field.js').IpListField | null} */
  get #addresses() {
    return this.querySelector('ip-list-field');
  }

  /** @param {string} name @param {Key} key */
  #fields(name, key) {
    const fields = {
      'renew': () => html`<p>${key.expiresAt ? `It ${key.status === 'expired' ? 'expired' : 'expires'} ${relativeWords(new Date(key.expiresAt))}.` : 'It never expires.'}</p><expiry-field
          .earliest=${this.mayShorten ? undefined : key.expiresAt}></expiry-field>
        <label><input type="checkbox" name="allowShorter" .checked=${this.mayShorten} @change=${(/** @type {Event} */ event) => this.#shorten(event)}> It may end earlier than it does now</label>`,
      'rotate': () => html`<p>The key gets a new secret, which is shown once. Its id, permissions and expiry stay.</p>
        ${hasOverlap(key) ? html`<p class="notice">An overlap is open. <label><input type="checkbox" name="closeOverlap" required> End the earlier secret now</label></p>` : nothing}
        <overlap-field></overlap-field>
        ${key.status === 'expired' ? html`<p class="notice">The key has expired: it needs a new expiry, and its old secret stays dead.</p><expiry-field></expiry-field>`
            : html`<expiry-field mayKeep></expiry-field>`}`,
      'retire-secret': () => html`<p>The earlier secret is refused at once. It was last used ${lastUseOfEarlier(key)}.</p>`,
      'suspend': () => html`<p>Checks refuse the key until it is resumed. ${impact(key)}</p>${this.#time()}`,
      'resume': () => html`<p>Checks accept the key again.</p>`,
      'permissions': () => html`<permissions-field .given=${key.permissions} .known=${key.permissions}></permissions-field>`,
      'restrictions': () => html`<ip-list-field .ranges=${key.ipAllowList}></ip-list-field>`,
      'describe': () => html`<label>Name<input name="name" required maxlength="100" .value=${key.name}></label>
        <metadata-field .metadata=${key.metadata}></metadata-field>`,
      'transfer': () => html`<p>It belongs to ${ownerText(key.owner)}.</p><owner-field></owner-field>`,
      'cancel-plan': () => html`<p>The key stays as it is.</p>`,
      'revoke': () => html`<p class="notice"><strong>${impact(key)}</strong> After a revocation every check refuses it, for good.</p>
        ${this.descendants > 0 ? html`<label><input type="checkbox" name="cascade"> Revoke the keys that descend from it, too (${this.descendants})</label>` : nothing}
        <label>Why<select name="revocationReason">${options(REVOCATION_REASONS, 'unspecified')}</select></label>
        ${this.#time()}`,
    };
    return fields[/** @type {keyof typeof fields} */ (name)]();
  }

  #time() {
    return html`<fieldset class="inline"><legend>When</legend>
      ${['now', 'later'].map((when) => html`<label><input type="radio" name="when" ?checked=${this.when === when} @change=${() => this.#choose(when)}>${when}</label>`)}
      ${this.when === 'later' ? html`<input type="datetime-local" name="effectiveAt" aria-label="Time" required min=${localInput(new Date())}>` : nothing}</fieldset>`;
  }

  /** @param {string} when */
  #choose(when) {
    this.when = when;
    this.#dialog.requestUpdate();
  }

  /** @param {Event} event */
  #shorten(event) {
    this.mayShorten = /** @type {HTMLInputElement} */ (event.target).checked;
    this.#dialog.requestUpdate();
  }

  async #countDescendants() {
    const isOperator = this.key?.permissions.some((one) => one.startsWith('keyledger:'));
    if (isOperator && session.may('audit:read')) {
      try {
        /** @type {Page<{status: string}>} */
        const page = await read(`/v1/keys/${this.key?.keyId}/lineage`, {limit: '200'});
        this.descendants = page.data.filter((one) => one.status !== 'revoked').length;
        this.#dialog.requestUpdate();
      } catch {
        // The command works without.
      }
    }
  }

  /** @param {string} name @param {Command} command @param {FormData} fields @param {Record<string, string>} headers */
  async #send(name, command, fields, headers) {
    const key = /** @type {Key} */ (this.key);
    const body = this.#body(name, fields);
    try {
      const answer = await request(command.method ?? 'POST',
          `/v1/keys/${key.keyId}${path(name, command)}${fields.get('cascade') ? '?cascade=true' : ''}`,
          {body, headers: {...headers, 'If-Match': `"${key.version}"`}});
      return () => {
        if (answer.body.secret) {
          showOnce(answer.body);
        }
        this.dispatchEvent(new CustomEvent('done', {detail: {
          what: body.effectiveAt ? 'Planned.' : command.done, token: answer.headers.get('Keyledger-Position') ?? ''}}));
      };
    } catch (thrown) {
      if (problemOf(thrown).code === 'version-mismatch') {
        this.dispatchEvent(new Event('changed'));
      }
      throw thrown;
    }
  }

  /** Returns the body of a command. @param {string} name @param {FormData} fields @returns {Record<string, unknown>} */
  #body(name, fields) {
    /** @param {string} element */
    const valueOf = (element) => /** @type {any} */ (this.querySelector(element))?.value;
    /** @param {string} field */
    const text = (field) => String(fields.get(field) ?? '').trim();
    return {
      ...valueOf('expiry-field'),
      ...valueOf('overlap-field'),
      ...reasonOf(fields),
      ...(fields.get('allowShorter') && {allowShorter: true}),
      ...(fields.get('closeOverlap') && {closeOverlap: true}),
      ...(this.#permissions && {permissions: this.#permissions.value}),
      ...(this.#addresses && {ipAllowList: this.#addresses.value}),
      ...(name === 'describe' && {name: text('name'), metadata: valueOf('metadata-field')}),
      ...(name === 'transfer' && {owner: valueOf('owner-field')}),
      ...(name === 'revoke' && {revocationReason: text('revocationReason')}),
      ...(text('effectiveAt') && {effectiveAt: new Date(text('effectiveAt')).toISOString()}),
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
