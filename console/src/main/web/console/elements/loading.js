/** Shows something that is being loaded: a skeleton, then what came, or the problem. */
import {html} from 'lit';
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
  /** @type {import('../api/types.js').Problem | null} */
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
  async run() {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.pending = true;
    this.host.requestUpdate();
    try {
      const value = await this.task(running.signal);
      if (this.#running === running) {
        this.value = value;
        this.problem = null;
      }
    } catch (thrown) {
      if (this.#running === running) {
        this.problem = problemOf(thrown);
      }
    } finally {
      if (this.#running === running) {
        this.pending = false;
        this.host.requestUpdate();
      }
    }
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
    const problem = this.problem
        ? html`<problem-notice .problem=${this.problem} .retry=${() => this.run()}></problem-notice>`
        : '';
    if (this.value !== undefined) {
      return html`${problem}${shown(this.value)}`;
    }
    return problem || skeleton(rows);
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
