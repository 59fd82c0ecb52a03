/** The filters of the list of keys. Whatever is chosen becomes part of the address. */
import {html, nothing} from 'lit';
import {goTo, linkTo} from '../routing/route.js';
import {localInput, timeOf} from '../text/time.js';
import {ConsoleElement, options} from './console-element.js';

const STATUSES = ['active', 'not-yet-active', 'suspended', 'expired', 'revoked'];

/** @type {[string, string][]} */
const ATTENTION = [
  ['', 'any'],
  ['expiring-7d', 'expires within 7 days'],
  ['expiring-30d', 'expires within 30 days'],
  ['closable-overlap', 'overlap can be closed'],
  ['never-used', 'never used'],
  ['idle-90d', 'not used for 90 days'],
  ['no-expiry', 'never expires'],
  ['leaked', 'leak reported'],
];

/** The names of the parameters, in the address as in the request. */
export const FILTERS = ['q', 'status', 'owner', 'permission', 'environment', 'issuedBy', 'unusedSince', 'expiresBefore', 'attention'];

const TYPING_MILLIS = 300;

export class KeyFilters extends ConsoleElement {
  static properties = {params: {attribute: false}};

  constructor() {
    super();
    this.params = new URLSearchParams();
    this.typing = 0;
    /** Whether the filters are shown; they stay so when the last one is removed. */
    this.isOpen = false;
  }

  render() {
    const params = this.params;
    const more = FILTERS.filter((name) => name !== 'q' && params.has(name));
    this.isOpen ||= more.length > 0;
    return html`<search><form class="filters" @submit=${this.#submit} @change=${this.#apply} @input=${this.#typed}>
      <input type="search" name="q" .value=${params.get('q') ?? ''} maxlength="255" aria-label="Search"
        placeholder="Name, owner, key id, or the last four characters of the secret">
      <details ?open=${this.isOpen}><summary>Filters${more.length > 0 ? ` (${more.length})` : ''}</summary>
        <div class="fields">
          <fieldset class="inline"><legend>Status</legend>
            ${STATUSES.map((status) => html`<label><input type="checkbox" name="status" value=${status}
              .checked=${params.getAll('status').includes(status)}>${status.replaceAll('-', ' ')}</label>`)}
          </fieldset>
          <label>Needs attention<select name="attention" .value=${params.get('attention') ?? ''}>
            ${options(ATTENTION, params.get('attention') ?? '')}</select></label>
          <label>Environment<select name="environment">
            ${options([['', 'any'], ['live', 'live'], ['test', 'test']], params.get('environment') ?? '')}</select></label>
          <label>Owner<input name="owner" .value=${params.get('owner') ?? ''} placeholder="service:billing"
            pattern="(app|service|user):.+" title="app:, service: or user:, and the id"></label>
          <label>Permission<input name="permission" .value=${params.get('permission') ?? ''} placeholder="read:users"></label>
          <label>Issued by<input name="issuedBy" .value=${params.get('issuedBy') ?? ''} placeholder="root, or operator:key_..."
            pattern="(root|operator|holder|system|anonymous)(:.+)?" title="root, or operator: and the id of its key"></label>
          <label>Not used since<input type="date" name="unusedSince" .value=${dateOf(params.get('unusedSince'))}></label>
          <label>Expires before<input type="date" name="expiresBefore" .value=${dateOf(params.get('expiresBefore'))}></label>
        </div>
        ${more.length > 0 ? html`<a href="#/keys">Remove all filters</a>` : nothing}
      </details>
    </form></search>`;
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#apply();
  }

  /** @param {Event} event */
  #typed(event) {
    if (/** @type {HTMLInputElement} */ (event.target).name === 'q') {
      clearTimeout(this.typing);
      this.typing = window.setTimeout(() => this.#apply(), TYPING_MILLIS);
    }
  }

  #apply() {
    clearTimeout(this.typing);
    const form = /** @type {HTMLFormElement} */ (this.querySelector('form'));
    if (!form.reportValidity()) {
      return;
    }
    const fields = new FormData(form);
    /** @type {Record<string, string[]>} */
    const chosen = {};
    for (const name of FILTERS) {
      chosen[name] = fields.getAll(name).map((value) => timeOrText(name, String(value).trim())).filter(Boolean);
    }
    goTo(linkTo('/keys', chosen), {replace: true});
  }
}

/** Dates are days in the reader's zone; requests name the instant. @param {string} name @param {string} value */
function timeOrText(name, value) {
  const isDate = name === 'unusedSince' || name === 'expiresBefore';
  return isDate && value ? new Date(`${value}T00:00`).toISOString() : value;
}

/** @param {string | null} time */
function dateOf(time) {
  return localInput(timeOf(time)).slice(0, 10);
}

customElements.define('key-filters', KeyFilters);
