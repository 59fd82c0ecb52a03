/**
 * A long table of keys. Only the rows near the window are in the document, so that ten thousand rows
 * scroll as easily as fifty. All rows have the same height. A row keeps its element, and so the focus,
 * while others take their turn.
 */
import {html, nothing} from 'lit';
import {guard} from 'lit/directives/guard.js';
import {repeat} from 'lit/directives/repeat.js';
import {linkTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {relativeWords, titleOf} from '../text/time.js';
import {ConsoleElement} from './console-element.js';

/** As in console.css. */
const ROW_PIXELS = 42;
/** Rows beyond the window on either side; the window moves in steps. */
const MARGIN_ROWS = 16;
const STEP_ROWS = 4;

export class KeyRows extends ConsoleElement {
  static properties = {keys: {attribute: false}, selected: {attribute: false}, more: {type: Boolean}, first: {state: true}};

  constructor() {
    super();
    /** @type {Key[]} */
    this.keys = [];
    /** @type {Map<string, Key>} */
    this.selected = new Map();
    this.more = false;
    /** The index of the first row in the document. */
    this.first = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('scroll', this.#scrolled, {passive: true});
    window.addEventListener('resize', this.#scrolled, {passive: true});
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('scroll', this.#scrolled);
    window.removeEventListener('resize', this.#scrolled);
  }

  #scrolled = () => {
    const body = this.querySelector('tbody');
    if (!body) {
      return;
    }
    const above = Math.floor(Math.max(0, -body.getBoundingClientRect().top) / ROW_PIXELS);
    this.first = Math.max(0, Math.floor(above / STEP_ROWS) * STEP_ROWS - MARGIN_ROWS);
    const shown = above + window.innerHeight / ROW_PIXELS;
    if (this.more && shown > this.keys.length - 2 * MARGIN_ROWS) {
      this.dispatchEvent(new Event('end-near'));
    }
  };

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('keys') || changed.has('more')) {
      this.#scrolled();
    }
  }

  render() {
    const inDocument = Math.ceil(window.innerHeight / ROW_PIXELS) + 2 * MARGIN_ROWS + STEP_ROWS;
    const last = Math.min(this.keys.length, this.first + inDocument);
    const maySelect = ['renew', 'revoke', 'change'].some((command) => session.may(`keys:${command}`));
    const all = this.keys.length > 0 && this.keys.every((key) => this.selected.has(key.keyId));
    return html`<table class="keys" aria-rowcount=${this.more ? -1 : this.keys.length + 1}>
      <thead><tr aria-rowindex="1">
        <th scope="col" class="pick">${maySelect ? html`<input type="checkbox" aria-label="Select all that are listed" .checked=${all}
          @change=${this.#pickAll}>` : nothing}</th>
        <th scope="col">Name</th><th scope="col" class="medium">Owner</th><th scope="col" class="status">Status</th>
        <th scope="col" class="wide">Permissions</th><th scope="col" class="when">Expires</th>
        <th scope="col" class="when medium">Last used</th><th scope="col" class="wide hint">Secret</th>
      </tr></thead>
      <tbody @change=${this.#pick}>
        ${spacer(this.first)}
        ${repeat(this.keys.slice(this.first, last), (_, i) => this.first + i, (key, i) => {
          const isSelected = this.selected.has(key.keyId);
          return guard([key, isSelected, maySelect], () => row(key, this.first + i, isSelected, maySelect));
        })}
        ${spacer(this.keys.length - last)}
      </tbody>
    </table>`;
  }

  /** @param {Event} event */
  #pick(event) {
    const box = /** @type {HTMLInputElement} */ (event.target);
    this.#select([this.keys[Number(box.value)]], box.checked);
  }

  /** @param {Event} event */
  #pickAll(event) {
    this.#select(this.keys, /** @type {HTMLInputElement} */ (event.target).checked);
  }

  /** @param {Key[]} keys @param {boolean} isPicked */
  #select(keys, isPicked) {
    for (const key of keys) {
      isPicked ? this.selected.set(key.keyId, key) : this.selected.delete(key.keyId);
    }
    this.requestUpdate();
    this.dispatchEvent(new Event('selected'));
  }
}

/**
 * Returns a row. Texts are properties, and nothing is between the cells: each node costs time while the table scrolls.
 *
 * @param {Key} key @param {number} index @param {boolean} isSelected @param {boolean} maySelect
 */
function row(key, index, isSelected, maySelect) {
  const [permission = '', ...others] = key.permissions;
  return html`<tr aria-rowindex=${index + 2}><td class="pick"><input
    type="checkbox" aria-label="Select ${key.name}" value=${index} .checked=${isSelected} ?hidden=${!maySelect}></td><td
    title=${key.name}><a class="name" href=${linkTo(`/keys/${key.keyId}`)} .textContent=${key.name}></a></td><td
    class="medium" title="${key.owner.type}:${key.owner.id}" .textContent=${`${key.owner.type}:${key.owner.id}`}></td><td
    class="status"><span class="badge ${key.status}" .textContent=${key.status.replaceAll('-', ' ')}></span>${key.environment === 'test' ? html` <small>test</small>` : nothing}</td><td
    class="wide code" title=${key.permissions.join(' ')} .textContent=${others.length > 0 ? `${permission} +${others.length}` : permission}></td><td
    class="when" title=${key.expiresAt ? titleOf(key.expiresAt) : ''} .textContent=${key.status === 'revoked' ? '' : wordsOf(key.expiresAt)}></td><td
    class="when medium ${key.lastUsedAt ? '' : 'muted'}" title=${key.lastUsedAt ? titleOf(key.lastUsedAt) : ''} .textContent=${wordsOf(key.lastUsedAt)}></td><td
    class="wide hint code" .textContent=${(key.secretHint ?? '').slice(-7)}></td></tr>`;
}

/** Has one cell only: more columns than are shown would take their room. @param {number} rows */
function spacer(rows) {
  return rows > 0 ? html`<tr class="spacer" aria-hidden="true"><td height=${rows * ROW_PIXELS}></td></tr>` : nothing;
}

/** @param {string | undefined} time */
function wordsOf(time) {
  return time ? relativeWords(new Date(time)) : 'never';
}

customElements.define('key-rows', KeyRows);
