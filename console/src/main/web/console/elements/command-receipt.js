/** Shows, live, on how many nodes a command is in force. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {session} from '../session/session.js';
import {ConsoleElement} from './console-element.js';

/** @typedef {{position: number, appliedEverywhere: boolean, receipt: string, nodes: NodeStanding[]}} Applied */

const ASK_AGAIN_MILLIS = 500;
const ASKED_MAX_MILLIS = 30_000;

export class CommandReceipt extends ConsoleElement {
  static properties = {what: {attribute: false}, token: {attribute: false}, time: {attribute: false}, applied: {state: true}, gaveUp: {state: true}};

  constructor() {
    super();
    /** What was done, as a sentence. */
    this.what = '';
    /** The position of the command. */
    this.token = '';
    /** When the command was recorded; empty if that is not known. */
    this.time = '';
    /** @type {Applied | null} */
    this.applied = null;
    this.gaveUp = false;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has('token') && this.token && session.may('audit:read')) {
      this.applied = null;
      this.gaveUp = false;
      this.#follow(this.token, Date.now());
    }
  }

  /** @param {string} token @param {number} sinceMillis */
  async #follow(token, sinceMillis) {
    while (this.isConnected && token === this.token) {
      try {
        this.applied = await read(`/v1/positions/${encodeURIComponent(token)}/applied`);
      } catch {
        // The next answer may come from another node.
      }
      if (this.applied?.appliedEverywhere || Date.now() - sinceMillis > ASKED_MAX_MILLIS) {
        this.gaveUp = !this.applied?.appliedEverywhere;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MILLIS));
    }
  }

  render() {
    if (!this.what) {
      return nothing;
    }
    return html`<div class="receipt" role="status" tabindex="-1"><p><strong>${this.what}</strong> ${this.#force()}</p></div>`;
  }

  #force() {
    const applied = this.applied;
    if (!applied) {
      return session.may('audit:read') && this.token ? 'Asking the nodes.' : nothing;
    }
    const done = applied.nodes.filter((node) => node.applied);
    const millis = this.#millis(done);
    const waiting = applied.nodes.filter((node) => !node.applied).map((node) => node.node);
    return html`In force on ${done.length} of ${applied.nodes.length} ${applied.nodes.length === 1 ? 'node' : 'nodes'}${millis === null ? '' : ` after ${millis} ms`}.
      ${waiting.length > 0 ? html`${this.gaveUp ? 'Still missing' : 'Waiting for'}: ${waiting.join(', ')}.` : nothing}
      ${applied.appliedEverywhere && applied.receipt === 'proof' ? html`<small>All nodes are strict: this is a proof.</small>` : nothing}`;
  }

  /** Returns how long it took until the last of these nodes had reported. @param {NodeStanding[]} nodes */
  #millis(nodes) {
    const times = nodes.map((node) => Date.parse(node.appliedAt ?? ''));
    const millis = Math.round(Math.max(...times) - Date.parse(this.time));
    return this.time && millis >= 0 ? millis : null;
  }
}

customElements.define('command-receipt', CommandReceipt);
