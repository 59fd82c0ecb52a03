/** A problem: what happened, what to do, and the request id for whoever runs Keyledger. */
import {html, nothing} from 'lit';
import {remedyOf} from '../api/problem.js';
import {ConsoleElement} from './console-element.js';

export class ProblemNotice extends ConsoleElement {
  static properties = {problem: {attribute: false}, retry: {attribute: false}};

  constructor() {
    super();
    /** @type {Problem | null} */
    this.problem = null;
    /** @type {(() => void) | null} */
    this.retry = null;
  }

  render() {
    const problem = this.problem;
    if (!problem) {
      return nothing;
    }
    const errors = problem.errors ?? []; // which say what the detail says
    return html`<div class="problem" role="alert">
      <strong>${problem.title}</strong>
      <p>${errors.length > 0 ? nothing : problem.detail} ${remedyOf(problem)}</p>
      ${errors.length > 0 ? html`<ul>${errors.map((error) => html`<li><code>${error.field}</code> ${error.message}</li>`)}</ul>` : nothing}
      <p class="fine">
        ${problem.type ? html`<a href=${problem.type} target="_blank">About <code>${problem.code}</code></a>` : nothing}
        ${problem.requestId ? html`Request <code>${problem.requestId}</code>` : nothing}
        ${problem.code === 'idempotency-key-reused' ? html`<button type="submit" class="link" value="first">Get the answer to what was sent</button>
          <button type="submit" class="link" value="another">Send this as another command</button>` : nothing}
        ${this.retry ? html`<button type="button" class="link" @click=${this.retry}>Try again</button>` : nothing}
      </p>
    </div>`;
  }
}

customElements.define('problem-notice', ProblemNotice);
