/** Chooses permissions, with those in use as suggestions, and shows what a pattern covers. */
import {html, nothing} from 'lit';
import {allowedBy, complaintAbout, covers, GRANT, grantedBy, isOwn, OWN_PERMISSIONS} from '../permissions/patterns.js';
import {session} from '../session/session.js';
import {ConsoleElement} from './console-element.js';

const SHOWN_MAX = 6;

export class PermissionsField extends ConsoleElement {
  static properties = {given: {attribute: false}, isOfPolicy: {type: Boolean}, value: {state: true}, known: {attribute: false}, complaint: {state: true}, typed: {state: true}};

  constructor() {
    super();
    /** @type {readonly string[]} what is filled in; the same array leaves what was chosen */
    this.given = [];
    /** Whether they are those that a policy allows; otherwise the policy says which a key may hold. */
    this.isOfPolicy = false;
    /** @type {string[]} */
    this.value = [];
    /** @type {string[]} permissions that other keys hold */
    this.known = [];
    this.complaint = '';
    this.typed = '';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('given')) {
      this.value = [...this.given];
    }
  }

  render() {
    return html`<fieldset><legend><label for="permission">Permissions</label></legend>
      <div class="snippet"><input id="permission" list="known-permissions" autocomplete="off" spellcheck="false" .value=${this.typed}
          placeholder="read:users, or a pattern such as read:*" aria-describedby="permission-preview"
          aria-invalid=${this.complaint ? 'true' : nothing} @input=${this.#type} @keydown=${this.#key}>
        <button type="button" class="secondary outline small" @click=${() => this.add()}>Add</button></div>
      <datalist id="known-permissions">${this.known.filter((one) => !this.value.includes(one)).map((one) => html`<option value=${one}></option>`)}</datalist>
      <p id="permission-preview" class="fine" role="status">${this.complaint || this.#preview(this.typed)}</p>
      ${this.value.length === 0 ? html`<p class="fine">None yet: such a key is valid, but satisfies no check that requires a permission.</p>`
          : html`<ul class="chosen">${this.value.map((one) => html`<li><code>${one}</code>
              <small>${this.#preview(one)}</small>
              <button type="button" class="link" aria-label="Remove ${one}" @click=${() => this.#remove(one)}>Remove</button></li>`)}</ul>`}
    </fieldset>`;
  }

  /** Adds what was typed. Returns whether nothing is left that is wrong. */
  add() {
    const permission = this.typed.trim();
    if (!permission) {
      return this.complaint === '';
    }
    this.complaint = complaintAbout(permission);
    if (!this.complaint) {
      this.value = this.value.includes(permission) ? this.value : [...this.value, permission];
      this.typed = '';
      this.dispatchEvent(new Event('chosen'));
    }
    return this.complaint === '';
  }

  /** @param {string} pattern */
  #preview(pattern) {
    if (!pattern.trim()) {
      return '';
    }
    const unknown = isOwn(pattern) && !pattern.startsWith(GRANT) && !OWN_PERMISSIONS.some(([one]) => allowedBy([pattern], one))
        ? 'Keyledger has no such permission of its own: it allows nothing. ' : '';
    const ceiling = unknown + (grantedBy(session.self?.permissions ?? [], pattern) ? this.#isAllowed(pattern) ? ''
        : 'The policy of the workspace does not allow this. ' : 'You may not grant this. ');
    if (!pattern.includes('*')) {
      return ceiling;
    }
    const covered = this.known.filter((one) => !one.includes('*') && covers(pattern, one));
    const more = covered.length > SHOWN_MAX ? ` and ${covered.length - SHOWN_MAX} more` : '';
    return covered.length === 0
        ? `${ceiling}Covers none of the permissions that are in use.`
        : `${ceiling}Covers ${covered.slice(0, SHOWN_MAX).join(', ')}${more}.`;
  }

  /** @param {string} pattern */
  #isAllowed(pattern) {
    const allowed = session.self?.policy?.allowedPermissions;
    return this.isOfPolicy || !allowed || allowed.some((one) => one === pattern || covers(one, pattern.replaceAll('*', 'any')));
  }

  /** @param {Event} event */
  #type(event) {
    this.typed = /** @type {HTMLInputElement} */ (event.target).value;
    this.complaint = '';
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Enter' && this.typed.trim()) {
      event.preventDefault();
      this.add();
    }
  }

  /** @param {string} permission */
  #remove(permission) {
    this.value = this.value.filter((one) => one !== permission);
    this.dispatchEvent(new Event('chosen'));
    /** @type {HTMLElement | null} */ (this.querySelector('#permission'))?.focus();
  }
}

customElements.define('permissions-field', PermissionsField);
