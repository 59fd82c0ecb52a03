/** One key: what it is, what happened to it, and the commands on it. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import '../elements/command-receipt.js';
import {keepFocus, PageElement} from '../elements/console-element.js';
import '../elements/copy-button.js';
import '../elements/key-as-it-was.js';
import '../elements/key-commands.js';
import {keyFacts} from '../elements/key-texts.js';
import '../elements/key-timeline.js';
import {Loading} from '../elements/loading.js';
import '../elements/try-key.js';
import {session} from '../session/session.js';

export class KeyPage extends PageElement {
  static properties = {done: {state: true}, events: {state: true}};

  constructor() {
    super();
    /** What was done last. */
    this.done = {what: '', token: '', time: ''};
    /** @type {AuditEntry[]} oldest first */
    this.events = [];
    /** @type {Loading<Key>} */
    this.key = new Loading(this, (signal) => read(`/v1/keys/${encodeURIComponent(this.parameters.keyId)}`, {}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.key.run();
  }

  render() {
    return this.key.render((key) => html`
      <div class="heading"><h1>${key.name}</h1><span class="snippet"><code>${key.keyId}</code><copy-button .text=${key.keyId} label="Copy the id"></copy-button></span></div>
      <command-receipt .what=${this.done.what} .token=${this.done.token} .time=${this.done.time}></command-receipt>
      <key-commands .key=${key} @done=${this.#commandDone} @changed=${() => this.key.run()}></key-commands>
      <div class="split">
        <div>
          <section aria-labelledby="facts-title"><h2 id="facts-title">Now</h2>${keyFacts(key)}</section>
          ${session.may('audit:read') ? html`
            <section aria-labelledby="try-title"><h2 id="try-title">Try it</h2>
              <try-key .keyId=${key.keyId} .environment=${key.environment}></try-key></section>` : nothing}
        </div>
        ${session.may('audit:read') ? html`<div>
          <section aria-labelledby="timeline-title"><h2 id="timeline-title">What happened</h2>
            <key-timeline .keyId=${key.keyId} .version=${key.version} @events=${this.#eventsLoaded}></key-timeline></section>
          ${this.events.length > 0 ? html`<details><summary>As it was</summary>
            <key-as-it-was .keyId=${key.keyId} .since=${this.events[0].time}></key-as-it-was></details>` : nothing}
        </div>` : html`<p class="notice">You do not see what happened to it: that needs <code>keyledger:audit:read</code>.</p>`}
      </div>`, 10);
  }

  /** @param {CustomEvent<{what: string, token: string}>} event */
  async #commandDone(event) {
    this.done = {...event.detail, time: ''};
    await this.key.run();
    await this.updateComplete;
    await /** @type {any} */ (this.querySelector('key-commands')).updateComplete;
    keepFocus(this.querySelector('.receipt'));
  }

  /** @param {CustomEvent<AuditEntry[]>} event */
  #eventsLoaded(event) {
    this.events = event.detail;
    this.done = {...this.done, time: this.events.at(-1)?.time ?? ''};
  }
}

customElements.define('key-page', KeyPage);
