/** Downloads the record of a time range, with its proofs. */
import {html, nothing} from 'lit';
import {request} from '../api/api.js';
import {withQuery} from '../routing/route.js';
import {session} from '../session/session.js';
import {countOf, dateText, timeOf} from '../text/time.js';
import {AskingElement} from './console-element.js';
import {save} from './copy-button.js';
import './problem-notice.js';

/** The last line, with the checkpoint, is shorter. */
const TRAILER_BYTES = 64 * 1024;

export class AuditExport extends AskingElement {
  static properties = {from: {attribute: false}, to: {attribute: false}, said: {state: true}};

  constructor() {
    super();
    /** @type {string | null} */
    this.from = null;
    /** @type {string | null} */
    this.to = null;
    this.said = '';
  }

  render() {
    const whole = `curl -s '${location.origin}/v1/audit/export?workspace=*' \\\n  -H "Authorization: Bearer $KEY" > whole.ndjson`;
    return html`<details><summary>Export</summary>
      <p>Every event of the workspace <strong>${session.self?.workspace}</strong> ${this.#range()}, whatever the other filters: one CloudEvent a line,
        each with the bytes that the log has hashed and a proof. The last line is the checkpoint that the proofs lead to, so
        that <code>verify-log</code> shows whether a line was changed, without asking Keyledger.</p>
      <button type="button" class="small" aria-busy=${this.busy} @click=${() => this.attempt(() => this.#export())}>Download</button>
      <p role="status" class="fine">${this.said}</p>
      <problem-notice .problem=${this.problem}></problem-notice>
      ${session.isRoot() ? html`<p class="fine">The whole log, all workspaces together, also proves that no event is missing. It can be large: fetch it with a command.</p>
        <div class="snippet"><pre tabindex="0" aria-label="Command">${whole}</pre><copy-button .text=${whole}></copy-button></div>` : nothing}
    </details>`;
  }

  #range() {
    const [from, to] = [this.from, this.to].map(timeOf);
    return `${from ? `from ${dateText(from)}` : 'from the first one'} until ${to ? dateText(to) : 'now'}`;
  }

  async #export() {
    this.said = '';
    const {body} = await request('GET', withQuery('/v1/audit/export', {from: this.from, to: this.to}), {as: 'blob'});
    const file = /** @type {Blob} */ (body);
    const lines = (await file.slice(-TRAILER_BYTES).text()).trimEnd().split('\n');
    const {data} = JSON.parse(lines[lines.length - 1]);
    save(`audit-${session.self?.workspace}-${new Date().toISOString().slice(0, 10)}.ndjson`, file);
    this.said = `${countOf(data.count, 'event')} downloaded, and the checkpoint.`;
  }
}

customElements.define('audit-export', AuditExport);
