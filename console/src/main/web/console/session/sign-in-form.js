/** Asks for a key. After a session has ended it says why; the page behind keeps what was entered. */
import {html, nothing} from 'lit';
import {AskingElement, fieldsOf} from '../elements/console-element.js';
import '../elements/problem-notice.js';
import {session} from './session.js';
import {isOperator, signIn} from './sign-in.js';

const WHY = {
  '': '',
  'idle': 'You were signed out after 30 minutes without use. What you had entered is still there: sign in with the same key to go on.',
  'rejected': 'Keyledger no longer accepts the key that you signed in with. What you had entered is still there: sign in to go on.',
  'signed-out': 'You are signed out. This tab has forgotten the key.',
};

export class SignInForm extends AskingElement {
  static properties = {isHolder: {state: true}};

  constructor() {
    super();
    this.isHolder = false;
    /** Whether a dialog of the page behind is open, which lets nobody reach what is not in a dialog above it. */
    this.isAbove = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.isAbove = document.querySelector('dialog:modal') !== null;
  }

  firstUpdated() {
    this.querySelector('dialog')?.showModal();
    /** @type {HTMLElement | null} */ (this.querySelector('[name="key"]'))?.focus();
  }

  render() {
    return this.isAbove
        ? html`<dialog aria-label="Sign in" @cancel=${keepOpen} @keydown=${keepOpen}>${this.#form()}</dialog>`
        : this.#form();
  }

  #form() {
    return html`<article class="sign-in">
      <h1>Sign in</h1>
      ${WHY[session.ended] ? html`<p role="status" class="notice">${WHY[session.ended]}</p>` : nothing}
      <form @submit=${this.#submit} autocomplete="off">
        <label>Operator key or root key
          <input name="key" type="password" required autocomplete="off" spellcheck="false"
            aria-describedby="key-kept">
        </label>
        <small id="key-kept">Kept in this tab only, and forgotten after 30 minutes without use.</small>
        <details>
          <summary>Root key: choose a workspace</summary>
          <label>Workspace
            <input name="workspace" placeholder="default" pattern="[a-z][a-z0-9\\-]{1,62}" autocomplete="off">
          </label>
        </details>
        <problem-notice .problem=${this.problem}></problem-notice>
        ${this.isHolder
            ? html`<div class="problem" role="alert"><strong>This key is no operator's</strong>
                <p>It is good, but has no permission to manage keys. Its holder can see and renew it on the page
                <a href="/my-key/">My key</a>.</p></div>`
            : nothing}
        <button type="submit" aria-busy=${this.busy}>Sign in</button>
      </form>
      <p class="fine">Do you hold a key and want to renew it? Go to <a href="/my-key/">My key</a>.</p>
    </article>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    const fields = fieldsOf(event);
    this.isHolder = false;
    this.attempt(async () => {
      await signIn(fields.key, fields.workspace);
      if (session.self && !isOperator(session.self)) {
        session.end('');
        session.self = null;
        this.isHolder = true;
      } else {
        /** @type {HTMLFormElement} */ (event.target).reset();
        this.dispatchEvent(new CustomEvent('signed-in'));
      }
    });
  }
}

/** @param {Event} event */
function keepOpen(event) {
  if (!(event instanceof KeyboardEvent) || event.key === 'Escape') {
    event.preventDefault();
  }
}

customElements.define('sign-in-form', SignInForm);
