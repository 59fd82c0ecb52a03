/** A button that copies a text, which the page may not show. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

const SHOWN_MILLIS = 2500;

export class CopyButton extends ConsoleElement {
  static properties = {text: {attribute: false}, label: {}, said: {state: true}};

  constructor() {
    super();
    this.text = '';
    this.label = 'Copy';
    this.said = '';
  }

  render() {
    return html`<button type="button" class="secondary outline small" @click=${this.#copy}>
      ${this.said || this.label}</button><span class="hidden" role="status">${this.said}</span>`;
  }

  async #copy() {
    try {
      if (!navigator.clipboard) {
        throw new Error('no clipboard');
      }
      await navigator.clipboard.writeText(this.text);
      this.said = 'Copied';
      this.dispatchEvent(new CustomEvent('copied', {bubbles: true}));
    } catch {
      this.said = 'Not copied: select the text and copy it by hand';
    }
    setTimeout(() => (this.said = ''), SHOWN_MILLIS);
  }
}

customElements.define('copy-button', CopyButton);

const KEPT_MILLIS = 60_000;

/**
 * Lets the browser save something that is already here; no request is made.
 *
 * @param {string} name of the file
 * @param {Blob} content
 */
export function save(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MILLIS);
}
