/**
 * Shows a new secret, this once, above whatever page is there. The dialog closes only when the reader
 * says that it is stored; then the tab forgets the secret.
 */
import {html, nothing} from 'lit';
import {snippets} from '../text/snippets.js';
import {ConsoleElement} from './console-element.js';
import './copy-button.js';

class SecretOnce extends ConsoleElement {
  static properties = {shown: {state: true}};

  constructor() {
    super();
    /** @type {(Pick<Key, 'name' | 'secret' | 'permissions' | 'environment' | 'workspace'> | {name: string, secret?: string, snippets: Record<string, string>}) | null} */
    this.issued = null;
    this.shown = 'curl';
    /** @type {() => void} */
    this.stored = () => {};
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('beforeunload', this.#warn);
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('beforeunload', this.#warn);
  }

  firstUpdated() {
    this.querySelector('dialog')?.showModal();
  }

  render() {
    const issued = this.issued;
    if (!issued?.secret) {
      return nothing;
    }
    const all = 'snippets' in issued ? issued.snippets : snippets(issued, location.origin);
    const shown = this.shown in all ? this.shown : Object.keys(all)[0];
    const text = all[shown];
    return html`<dialog aria-labelledby="secret-title" @cancel=${(/** @type {Event} */ event) => event.preventDefault()}
        @keydown=${this.#keep}>
      <article>
        <h2 id="secret-title">Store the secret of “${issued.name}” now</h2>
        <p>It is shown this once. Nobody can read it again${'snippets' in issued ? '.' : ': Keyledger keeps only a digest of it.'}</p>
        <div class="snippet secret"><pre tabindex="0" aria-label="Secret"><code>${issued.secret}</code></pre>
          <copy-button .text=${issued.secret} label="Copy the secret"></copy-button></div>
        <h3>How it is used</h3>
        <fieldset class="tabs"><legend class="hidden">Snippets</legend>${Object.keys(all).map((name) => html`<button type="button"
          class="outline small ${name === shown ? '' : 'secondary'}" aria-pressed=${name === shown}
          @click=${() => (this.shown = name)}>${name}</button>`)}</fieldset>
        <div class="snippet"><pre tabindex="0" aria-label="Snippet for ${shown}">${text}</pre>
          <copy-button .text=${text}></copy-button></div>
        ${window.isSecureContext ? nothing : html`<p class="notice">This page was not loaded over HTTPS, so that the browser does
          not let it copy: select the text and copy it by hand.</p>`}
        <footer><button type="button" @click=${this.#close}>I have stored it</button></footer>
      </article>
    </dialog>`;
  }

  /** Chromium closes a dialog at the second Escape, whatever its page says. @param {KeyboardEvent} event */
  #keep(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
    }
  }

  /** @param {BeforeUnloadEvent} event */
  #warn = (event) => event.preventDefault();

  #close() {
    this.querySelector('dialog')?.close(); // which gives the focus back
    this.remove();
    this.stored();
  }
}

/**
 * Shows the secret of a key. The result is fulfilled when the reader has stored it.
 *
 * @param {NonNullable<SecretOnce['issued']>} issued
 * @returns {Promise<void>}
 */
export function showOnce(issued) {
  const element = new SecretOnce();
  element.issued = issued;
  document.body.append(element);
  return new Promise((resolve) => (element.stored = resolve));
}

/** Returns whether a secret is shown. */
export function isShowingSecret() {
  return document.querySelector('secret-once') !== null;
}

customElements.define('secret-once', SecretOnce);
