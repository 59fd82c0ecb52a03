/** Chooses how long the old secret of a rotation stays valid, and says what happens then. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

/** @type {[string, string, string][]} value, label, what happens */
const CHOICES = [
  ['', 'as the workspace says', 'The old secret ends after the usual overlap of the workspace.'],
  ['PT0S', 'immediately', 'The old secret is refused at once. Whoever still uses it is locked out until it has the new one.'],
  ['PT1H', 'after 1 hour', 'Both secrets work for an hour.'],
  ['P1D', 'after 1 day', 'Both secrets work for a day.'],
  ['P7D', 'after 7 days', 'Both secrets work for a week.'],
  ['first-use', 'a day after the first use of the new one', 'Both secrets work until the new one is in use, and for a day after that; 30 days at the latest.'],
];

export class OverlapField extends ConsoleElement {
  static properties = {chosen: {state: true}};

  constructor() {
    super();
    this.chosen = '';
  }

  /** The fields of a command. @returns {{overlap?: string, overlapFrom?: string}} */
  get value() {
    if (this.chosen === 'first-use') {
      return {overlap: 'P1D', overlapFrom: 'first-use'};
    }
    return this.chosen ? {overlap: this.chosen} : {};
  }

  render() {
    return html`<fieldset>
      <legend>The old secret ends</legend>
      ${CHOICES.map(([value, label, meaning]) => html`<label>
        <input type="radio" name="overlap" .value=${value} ?checked=${value === this.chosen}
          @change=${() => (this.chosen = value)}>
        ${label}<small class="block">${meaning}</small></label>`)}
    </fieldset>`;
  }
}

customElements.define('overlap-field', OverlapField);
