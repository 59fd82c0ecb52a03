/** Announces, two minutes before, that the session ends without use. */
import {html} from 'lit';
import {ConsoleElement} from '../elements/console-element.js';
import {session} from './session.js';

export class SessionEnd extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    session.addEventListener('tick', this.#tick);
    session.addEventListener('change', this.#tick);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    session.removeEventListener('tick', this.#tick);
    session.removeEventListener('change', this.#tick);
  }

  #tick = () => {
    const dialog = this.querySelector('dialog');
    if (!dialog) {
      return;
    }
    if (session.isEnding() && !dialog.open) {
      dialog.showModal();
    } else if (!session.isEnding() && dialog.open) {
      dialog.close();
    }
    if (dialog.open) {
      this.requestUpdate();
    }
  };

  render() {
    const seconds = Math.max(0, Math.ceil(session.millisLeft() / 1000));
    return html`<dialog aria-labelledby="session-end-title" @cancel=${this.#stay}>
      <article>
        <h2 id="session-end-title">Are you still there?</h2>
        <p>The session ends in ${Math.floor(seconds / 60)} min ${seconds % 60} s, because nothing was done for a while.
          What you have entered is kept.</p>
        <footer>
          <button type="button" class="secondary" @click=${() => session.end('signed-out')}>Sign out</button>
          <button type="button" autofocus @click=${this.#stay}>Stay signed in</button>
        </footer>
      </article>
    </dialog>`;
  }

  #stay() {
    session.stay();
  }
}

customElements.define('session-end', SessionEnd);
