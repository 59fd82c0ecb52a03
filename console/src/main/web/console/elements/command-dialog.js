/** A dialog that asks for what a command needs, sends it, and stays open with the problem if there is one. */
import {html, nothing} from 'lit';
import {idempotencyKeyOf} from '../api/api.js';
import {AskingElement} from './console-element.js';
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
 * @property {boolean} [isGrave] whether Enter, pressed once too often, must not send it; as all that is dangerous
 */

export class CommandDialog extends AskingElement {
  static properties = {command: {state: true}};

  constructor() {
    super();
    /** @type {DialogCommand | null} */
    this.command = null;
  }

  /** @param {DialogCommand} command */
  async open(command) {
    this.command = command;
    this.problem = null;
    this.busy = false;
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
        <problem-notice .problem=${this.problem}></problem-notice>
        <footer>
          <button type="button" class="secondary outline" ?autofocus=${command.isDangerous || command.isGrave} @click=${() => this.querySelector('dialog')?.close()}>Cancel</button>
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
    if (!command || (command.check && !command.check())) {
      return;
    }
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const dialog = this.querySelector('dialog'); // which may be another one afterwards
    await this.attempt(async () => {
      const key = idempotencyKeyOf(event, `${location.hash} ${command.title}`);
      const next = await command.send(fields, {'Idempotency-Key': key});
      dialog?.close();
      next?.();
    });
  }
}

/** Opens the dialog of an element. @param {Element} host @param {DialogCommand} command */
export function ask(host, command) {
  return /** @type {CommandDialog} */ (host.querySelector('command-dialog')).open(command);
}

/** Returns the reason in a form, as a part of a body. @param {FormData} fields @returns {{reason?: string}} */
export function reasonOf(fields) {
  const reason = String(fields.get('reason') ?? '').trim();
  return reason ? {reason} : {};
}

customElements.define('command-dialog', CommandDialog);
