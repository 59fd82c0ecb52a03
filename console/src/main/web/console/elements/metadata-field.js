/** Names and values that a check returns with the key. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

const ENTRIES_MAX = 50;

export class MetadataField extends ConsoleElement {
  static properties = {metadata: {attribute: false}, entries: {state: true}};

  constructor() {
    super();
    /** @type {Readonly<Record<string, string>>} what is filled in; the same object leaves what was entered */
    this.metadata = {};
    /** @type {[string, string][]} */
    this.entries = [];
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('metadata')) {
      this.entries = Object.entries(this.metadata);
    }
  }

  /** @returns {Record<string, string>} */
  get value() {
    return Object.fromEntries(this.entries.filter(([name]) => name.trim() !== ''));
  }

  render() {
    return html`<fieldset><legend>Metadata <small>(a check returns it; no personal data)</small></legend>
      ${this.entries.map(([name, value], i) => html`<div class="entry">
        <input aria-label="Name ${i + 1}" placeholder="team" .value=${name} @input=${(/** @type {Event} */ event) => this.#set(i, 0, event)}>
        <input aria-label="Value ${i + 1}" placeholder="payments" .value=${value} @input=${(/** @type {Event} */ event) => this.#set(i, 1, event)}>
        <button type="button" class="link" aria-label="Remove entry ${i + 1}" @click=${() => this.#remove(i)}>Remove</button>
      </div>`)}
      <button type="button" class="secondary outline small" ?disabled=${this.entries.length >= ENTRIES_MAX}
        @click=${() => (this.entries = [...this.entries, ['', '']])}>Add an entry</button>
    </fieldset>`;
  }

  /** @param {number} i */
  #remove(i) {
    this.entries = this.entries.filter((_, j) => j !== i);
    /** @type {HTMLElement | null} */ (this.querySelector('.outline'))?.focus();
  }

  /** @param {number} i @param {0 | 1} part @param {Event} event */
  #set(i, part, event) {
    this.entries[i][part] = /** @type {HTMLInputElement} */ (event.target).value;
  }
}

customElements.define('metadata-field', MetadataField);
