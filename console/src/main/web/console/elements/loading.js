/** Shows something that is being loaded: a skeleton, then what came, or the problem. */
import {html, nothing} from 'lit';
import {problemOf} from '../api/problem.js';
import './problem-notice.js';

/**
 * A load that an element shows. Only the last run counts: earlier ones are aborted.
 *
 * @template T
 */
export class Loading {
  /** @type {T | undefined} */
  value;
  /** @type {import('../api/types.js').Problem | null} of the last run that ended */
  problem = null;
  pending = false;
  /** @type {AbortController | null} */
  #running = null;

  /**
   * @param {import('lit').LitElement} host
   * @param {(signal: AbortSignal) => Promise<T>} task
   */
  constructor(host, task) {
    this.host = host;
    this.task = task;
  }

  /** Loads, or loads again; what was there stays until the new arrives. */
  run() {
    return this.again();
  }

  /** Loads what the last run was to load. */
  async again() {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.pending = true;
    this.host.requestUpdate();
    /** @type {import('../api/types.js').Problem | null} */
    let problem = null;
    let value = this.value;
    try {
      value = await this.task(running.signal);
    } catch (thrown) {
      problem = problemOf(thrown);
    }
    if (this.#running === running) {
      this.value = value;
      this.problem = problem;
      this.pending = false;
      this.host.requestUpdate();
    }
  }

  /** Aborts what runs, without a problem. */
  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  /** Forgets what was loaded, so that a skeleton is shown. */
  clear() {
    this.value = undefined;
    this.problem = null;
  }

  /**
   * @param {(value: T) => unknown} shown
   * @param {number} [rows] of the skeleton
   */
  render(shown, rows = 3) {
    return html`${this.notice()}${this.value !== undefined ? shown(this.value) : this.pending ? skeleton(rows) : nothing}`;
  }

  /** The problem, if there is one. */
  notice() {
    return this.problem ? html`<problem-notice .problem=${this.problem} .retry=${() => this.again()}></problem-notice>` : nothing;
  }
}

/**
 * Returns lines in place of what is still being loaded.
 *
 * @param {number} rows
 */
export function skeleton(rows) {
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({length: rows}, () => html`<span></span>`)}
  </div>`;
}
