/** The addresses from which a key is accepted, one on each line; none for all. */
import {html, nothing} from 'lit';
import {complaintAboutRange} from '../permissions/ip-ranges.js';
import {ConsoleElement} from './console-element.js';

const RANGES_MAX = 100;

export class IpListField extends ConsoleElement {
  static properties = {ranges: {attribute: false}, complaint: {state: true}};

  constructor() {
    super();
    /** @type {string[]} what is filled in */
    this.ranges = [];
    this.complaint = '';
  }

  /** @returns {string[]} */
  get value() {
    return (this.querySelector('textarea')?.value ?? '').split(/[\s,]+/).filter(Boolean);
  }

  /** Returns whether all lines are addresses or ranges, and says so if they are not. */
  check() {
    const ranges = this.value;
    this.complaint = ranges.length > RANGES_MAX
        ? `At most ${RANGES_MAX} ranges.`
        : ranges.map(complaintAboutRange).find(Boolean) ?? '';
    this.querySelector('textarea')?.setCustomValidity(this.complaint);
    return this.complaint === '';
  }

  render() {
    return html`<label>Only from these addresses <small>(one on each line; empty for any)</small>
      <textarea name="ipAllowList" rows="3" spellcheck="false" placeholder="203.0.113.0/24" aria-describedby="ip-complaint"
        aria-invalid=${this.complaint ? 'true' : nothing} .value=${this.ranges.join('\n')} @change=${() => this.check()} @input=${this.#typed}></textarea></label>
      <small id="ip-complaint" role="status">${this.complaint}</small>`;
  }

  #typed() {
    if (this.complaint) {
      this.check();
    }
  }
}

customElements.define('ip-list-field', IpListField);
