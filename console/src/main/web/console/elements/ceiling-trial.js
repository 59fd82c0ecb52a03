/** Tells whether an operator may put permissions on a key, permission by permission. */
import {html, nothing} from 'lit';
import {complaintAbout, grantedBy} from '../permissions/patterns.js';
import {ConsoleElement} from './console-element.js';
import {conditionList} from './key-texts.js';

export class CeilingTrial extends ConsoleElement {
  static properties = {held: {attribute: false}, tried: {state: true}};

  constructor() {
    super();
    /** @type {string[]} the permissions of the operator */
    this.held = [];
    /** @type {string[]} */
    this.tried = [];
  }

  render() {
    const isCovered = this.tried.every((one) => grantedBy(this.held, one) !== undefined);
    return html`<label>Permissions of a key <small>(separated by spaces)</small>
        <input name="tried" placeholder="read:users write:reports" spellcheck="false" autocomplete="off" @input=${this.#typed}></label>
      <div role="status">${this.tried.length === 0 ? nothing : html`
        <p class="verdict ${isCovered ? 'good' : 'bad'}">${isCovered ? 'Within the ceiling' : 'Above the ceiling'}</p>
        ${conditionList(this.tried.map((one) => this.#condition(one)))}
        <p class="fine">${isCovered ? 'It may issue such a key, and, with the permissions of above, renew, rotate, resume and change it.'
            : 'It may not issue, renew, rotate, resume or change such a key. It may suspend and revoke it, if it may do that at all.'}</p>`}</div>`;
  }

  /** @param {string} permission @returns {import('./key-texts.js').Condition} */
  #condition(permission) {
    const complaint = complaintAbout(permission);
    const by = grantedBy(this.held, permission);
    if (complaint) {
      return {outcome: 'failed', text: html`<code>${permission}</code> ${complaint}`};
    }
    return by === undefined ? {outcome: 'failed', text: html`<code>${permission}</code> is not covered`}
        : {outcome: 'passed', text: html`<code>${permission}</code> by <code>${by}</code>`};
  }

  /** @param {Event} event */
  #typed(event) {
    this.tried = /** @type {HTMLInputElement} */ (event.target).value.split(/[\s,]+/).filter(Boolean);
  }
}

customElements.define('ceiling-trial', CeilingTrial);
