/** The filters of the audit. Whatever is chosen becomes part of the address. */
import {html, nothing} from 'lit';
import {goTo, linkTo} from '../routing/route.js';
import {EVENT_WORDS} from '../text/changes.js';
import {localInput, timeOf} from '../text/time.js';
import {ConsoleElement, options} from './console-element.js';

/** The names of the parameters, in the address as in the request. */
export const AUDIT_FILTERS = ['type', 'keyId', 'owner', 'actor', 'from', 'to', 'order'];

const HOUR_MILLIS = 60 * 60 * 1000;
/** @type {[string, number][]} */
const SPANS = [['Last hour', HOUR_MILLIS], ['24 hours', 24 * HOUR_MILLIS], ['7 days', 168 * HOUR_MILLIS], ['30 days', 720 * HOUR_MILLIS]];

export class AuditFilters extends ConsoleElement {
  static properties = {params: {attribute: false}};

  constructor() {
    super();
    this.params = new URLSearchParams();
    /** Whether the filters are shown; they stay so when the last one is removed. */
    this.isOpen = false;
  }

  render() {
    const params = this.params;
    const types = params.getAll('type');
    this.isOpen ||= types.length > 0 || ['keyId', 'owner', 'actor'].some((name) => params.has(name));
    const count = AUDIT_FILTERS.filter((name) => params.has(name)).length;
    /** @param {string} name */
    const valueOf = (name) => params.get(name) ?? '';
    return html`<search><form class="filters" @submit=${this.#submit} @change=${this.#apply}>
      <div class="fields">
        <label>From<input type="datetime-local" name="from" .value=${localInput(timeOf(valueOf('from')))}></label>
        <label>To <small>(not included)</small><input type="datetime-local" name="to" .value=${localInput(timeOf(valueOf('to')))}></label>
        <label>Order<select name="order">
          ${options([['', 'newest first'], ['asc', 'oldest first']], valueOf('order'))}</select></label>
      </div>
      <fieldset class="tabs"><legend class="hidden">Time</legend>
        ${SPANS.map(([label, millis]) => html`<button type="button" class="outline secondary small" @click=${() => this.#last(millis)}>${label}</button>`)}
        ${params.has('from') || params.has('to') ? html`<button type="button" class="outline secondary small" @click=${() => this.#last(0)}>Any time</button>` : nothing}</fieldset>
      <details ?open=${this.isOpen}>
        <summary>Filters${count > 0 ? ` (${count})` : ''}</summary>
        <div class="fields">
          <label>Key id<input name="keyId" .value=${valueOf('keyId')} placeholder="key_..." pattern="key_[0-9a-z]{26}" title="key_ and 26 characters" spellcheck="false"></label>
          <label>Owner<input name="owner" .value=${valueOf('owner')} placeholder="service:billing" pattern="(app|service|user):.+" title="app:, service: or user:, and the id"></label>
          <label>Done by<input name="actor" .value=${valueOf('actor')} placeholder="root, or operator:key_..."
            pattern="(root|operator|holder|system|anonymous)(:.+)?" title="root, system, anonymous, or operator: or holder: and the id of the key"></label>
          <fieldset class="inline"><legend>What happened <small>(any of these)</small></legend>
            ${Object.entries(EVENT_WORDS).map(([type, words]) => html`<label><input type="checkbox" name="type" value=${type}
              .checked=${types.includes(type)}>${words}</label>`)}</fieldset>
        </div>
      </details>
      ${count > 0 ? html`<p><a href="#/audit">Remove all filters</a></p>` : nothing}
    </form></search>`;
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#apply();
  }

  #apply() {
    const form = /** @type {HTMLFormElement} */ (this.querySelector('form'));
    const fields = new FormData(form);
    const [from, to] = ['from', 'to'].map((name) => String(fields.get(name) ?? ''));
    /** @type {HTMLInputElement} */ (form.elements.namedItem('to')).setCustomValidity(from && to && to < from ? 'The end is before the beginning.' : '');
    if (!form.reportValidity()) {
      return;
    }
    this.#choose(Object.fromEntries(AUDIT_FILTERS.map((name) =>
      [name, fields.getAll(name).map((value) => timeOrText(name, String(value).trim())).filter(Boolean)])));
  }

  /** Chooses the time until now; any time for 0. @param {number} millis */
  #last(millis) {
    const chosen = Object.fromEntries(AUDIT_FILTERS.map((name) => [name, this.params.getAll(name)]));
    this.#choose({...chosen, from: millis ? [new Date(Date.now() - millis).toISOString()] : [], to: []});
  }

  /** @param {Record<string, string[]>} chosen */
  #choose(chosen) {
    goTo(linkTo('/audit', chosen), {replace: true});
  }
}

/** Fields are in the reader's zone; requests name the instant. @param {string} name @param {string} value */
function timeOrText(name, value) {
  return value && (name === 'from' || name === 'to') ? new Date(value).toISOString() : value;
}

customElements.define('audit-filters', AuditFilters);
