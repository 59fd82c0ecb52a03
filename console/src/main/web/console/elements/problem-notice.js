/** A problem: what happened, what to do, and the request id for whoever runs Keyledger. */
import {html, nothing} from 'lit';
import {remedyOf} from '../api/problem.js';
import {ConsoleElement} from './console-element.js';

export class ProblemNotice extends ConsoleElement {
  static properties = {problem: {attribute: false}, retry: {attribute: false}};

  constructor() {
    super();
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
    /** @type {(() => void) | null} */
    this.retry = null;
  }

  render() {
    const problem = this.problem;
    if (!problem) {
      return nothing;
    }
    return html`<div class="problem" role="alert">
      <strong>${problem.title}</strong>
      <p>${problem.detail} ${remedyOf(problem)}</p>
      ${problem.errors
          ? html`<ul>${problem.errors.map((error) => html`<li><code>${error.field}</code> ${error.message}</li>`)}</ul>`
          : nothing}
      <p class="fine">
        ${problem.type ? html`<a href=${problem.type} target="_blank">About <code>${problem.code}</code></a>` : nothing}
        ${problem.requestId ? html`Request <code>${problem.requestId}</code>` : nothing}
        ${this.retry ? html`<button type="button" class="link" @click=${this.retry}>Try again</button>` : nothing}
      </p>
    </div>`;
  }
}

customElements.define('problem-notice', ProblemNotice);
