/** A dialog that asks for what a command needs, sends it, and stays open with the problem if there is one. */
import {html, nothing} from 'lit';
import {newIdempotencyKey} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {ConsoleElement} from './console-element.js';
import './problem-notice.js';

/**
 * @typedef {object} DialogCommand
 * @property {string} title of the dialog
 * @property {string} action the name of the button that sends it
 * @property {() => unknown} fields
 * @property {(fields: FormData, headers: Record<string, string>) => Promise<void | (() => unknown)>} send rejects with what goes
 *   wrong; the headers make a repeated request the same one; may return what to do once the dialog is closed
 * @property {() => boolean} [check] whether the fields are right, where the browser cannot tell
 * @property {boolean} [isDangerous]
 */

export class CommandDialog extends ConsoleElement {
  static properties = {command: {state: true}, busy: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {DialogCommand | null} */
    this.command = null;
    this.busy = false;
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
    this.idempotencyKey = '';
  }

  /** @param {DialogCommand} command */
  async open(command) {
    this.command = command;
    this.problem = null;
    this.busy = false;
    this.idempotencyKey = newIdempotencyKey();
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
  }

  render() {
    const command = this.command;
    if (!command) {
      return nothing;
    }
    return html`<dialog aria-labelledby="dialog-title" @close=${this.#closed}><article class="roomy">
      <form @submit=${this.#submit} autocomplete="off">
        <h2 id="dialog-title">${command.title}</h2>
        ${command.fields()}
        <label>Reason <small>(optional, kept in the record)</small><input name="reason" maxlength="500"></label>
        ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
        <footer>
          <button type="button" class="secondary outline" @click=${() => this.querySelector('dialog')?.close()}>Cancel</button>
          <button type="submit" class=${command.isDangerous ? 'danger' : ''} aria-busy=${this.busy}>${command.action}</button>
        </footer>
      </form></article></dialog>`;
  }

  /** Told late: the dialog may be open again. @param {Event} event */
  #closed(event) {
    if (!/** @type {HTMLDialogElement} */ (event.target).open) {
      this.command = null;
    }
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const command = this.command;
    if (!command || this.busy || (command.check && !command.check())) {
      return;
    }
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const dialog = this.querySelector('dialog'); // which may be another one afterwards
    this.busy = true;
    this.problem = null;
    try {
      const next = await command.send(fields, {'Idempotency-Key': this.idempotencyKey});
      dialog?.close();
      next?.();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    this.busy = false;
  }
}

/** Returns the reason in a form, as a part of a body. @param {FormData} fields @returns {{reason?: string}} */
export function reasonOf(fields) {
  const reason = String(fields.get('reason') ?? '').trim();
  return reason ? {reason} : {};
}

customElements.define('command-dialog', CommandDialog);
