/** Names an owner: an app, a service or a user. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

export class OwnerField extends ConsoleElement {
  static properties = {owner: {attribute: false}, known: {attribute: false}};

  constructor() {
    super();
    /** @type {Owner} what is filled in */
    this.owner = {type: 'service', id: ''};
    /** @type {string[]} ids to suggest */
    this.known = [];
  }

  /** @returns {Owner} */
  get value() {
    const [type, id] = ['ownerType', 'ownerId'].map((name) => /** @type {HTMLInputElement} */ (this.querySelector(`[name=${name}]`)).value.trim());
    return {type, id};
  }

  render() {
    return html`<div class="pair"><label>Owner<select name="ownerType">
        ${['app', 'service', 'user'].map((type) => html`<option value=${type} ?selected=${type === this.owner.type}>${type}</option>`)}</select></label>
      <label>Its id <input name="ownerId" required maxlength="255" pattern="[!-~]+" title="visible ASCII characters, without spaces"
        list="known-owners" .value=${this.owner.id} placeholder="billing" autocomplete="off"></label>
      <datalist id="known-owners">${this.known.map((id) => html`<option value=${id}></option>`)}</datalist></div>
      <small>A reference such as an account number. Do not use personal data.</small>`;
  }
}

customElements.define('owner-field', OwnerField);
