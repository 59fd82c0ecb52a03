/** Downloads the record of a time range, with its proofs. */
import {html, nothing} from 'lit';
import {request, withQuery} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {session} from '../session/session.js';
import {dateText} from '../text/time.js';
import {ConsoleElement} from './console-element.js';
import './copy-button.js';
import {save} from './download.js';
import './problem-notice.js';

/** The last line, with the checkpoint, is shorter. */
const TRAILER_BYTES = 64 * 1024;

export class AuditExport extends ConsoleElement {
  static properties = {from: {attribute: false}, to: {attribute: false}, busy: {state: true}, said: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {string | null} */
    this.from = null;
    /** @type {string | null} */
    this.to = null;
    this.busy = false;
    this.said = '';
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
  }

  render() {
    const whole = `curl -s '${location.origin}/v1/audit/export?workspace=*' \\\n  -H "Authorization: Bearer $KEY" > whole.ndjson`;
    return html`<details><summary>Export</summary>
      <p>Every event of the workspace <strong>${session.self?.workspace}</strong> ${this.#range()}, whatever the other filters: one CloudEvent a line,
        each with the bytes that the log has hashed and a proof. The last line is the checkpoint that the proofs lead to, so
        that <code>verify-log</code> shows whether a line was changed, without asking Keyledger.</p>
      <button type="button" class="small" aria-busy=${this.busy} @click=${this.#export}>Download</button>
      <p role="status" class="fine">${this.said}</p>
      ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
      ${session.isRoot() ? html`<p class="fine">The whole log, all workspaces together, also proves that no event is missing. It can be large: fetch it with a command.</p>
        <div class="snippet"><pre tabindex="0" aria-label="Command">${whole}</pre><copy-button .text=${whole}></copy-button></div>` : nothing}
    </details>`;
  }

  #range() {
    const from = this.from ? `from ${dateText(new Date(this.from))}` : 'from the first one';
    return `${from} ${this.to ? `until ${dateText(new Date(this.to))}` : 'until now'}`;
  }

  async #export() {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.problem = null;
    this.said = '';
    try {
      const {body} = await request('GET', withQuery('/v1/audit/export', {from: this.from, to: this.to}), {as: 'blob'});
      const file = /** @type {Blob} */ (body);
      const lines = (await file.slice(-TRAILER_BYTES).text()).trimEnd().split('\n');
      const {data} = JSON.parse(lines[lines.length - 1]);
      save(`audit-${session.self?.workspace}-${new Date().toISOString().slice(0, 10)}.ndjson`, file);
      this.said = `${data.count.toLocaleString()} events downloaded, and the checkpoint.`;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    this.busy = false;
  }
}

customElements.define('audit-export', AuditExport);
