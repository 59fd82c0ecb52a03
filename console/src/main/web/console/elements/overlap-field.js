/** Chooses how long the old secret of a rotation stays valid, and says what happens then. */
import {html} from 'lit';
import {session} from '../session/session.js';
import {durationWords} from '../text/time.js';
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

/**
 * For holders, instead of `immediately`: after an answer that was lost, the old secret is all that they
 * have to ask for it again.
 *
 * @type {typeof CHOICES[0]}
 */
const WHEN_STORED = ['stored', 'once I have stored the new one', 'The old secret is refused when you say so; after an hour at the latest.'];

export class OverlapField extends ConsoleElement {
  static properties = {isHolders: {type: Boolean}, chosen: {state: true}};

  constructor() {
    super();
    this.isHolders = false;
    this.chosen = '';
  }

  /** Whether the old secret is to be ended when the new one is stored. */
  get endsWhenStored() {
    return this.chosen === WHEN_STORED[0];
  }

  /** The fields of a command. @returns {{overlap?: string, overlapFrom?: string}} */
  get value() {
    if (this.chosen === 'first-use') {
      return {overlap: 'P1D', overlapFrom: 'first-use'};
    }
    if (this.endsWhenStored) {
      return {overlap: 'PT1H'};
    }
    return this.chosen ? {overlap: this.chosen} : {};
  }

  #usual() {
    const overlap = session.self?.policy?.defaultOverlap;
    return overlap ? ` (${durationWords(overlap)})` : '';
  }

  render() {
    return html`<fieldset>
      <legend>The old secret ends</legend>
      ${CHOICES.map((choice) => (this.isHolders && choice[0] === 'PT0S' ? WHEN_STORED : choice)).map(([value, label, meaning]) => html`<label>
        <input type="radio" name="overlap" .value=${value} ?checked=${value === this.chosen}
          @change=${() => (this.chosen = value)}>
        ${label}${value ? '' : this.#usual()}<small class="block">${meaning}</small></label>`)}
    </fieldset>`;
  }
}

customElements.define('overlap-field', OverlapField);
