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
  /** @type {Problem | null} of the last run that ended */
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
    /** @type {Problem | null} */
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

/**
 * A list of an element that is loaded in pieces: the first at once, the others when its reader comes to them.
 *
 * @template T
 * @extends {Loading<{items: T[], nextCursor?: string}>}
 */
export class Paged extends Loading {
  /** Where the last run begins. @type {string | undefined} */
  #from;

  /**
   * @param {import('lit').LitElement} host
   * @param {(cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>} task
   */
  constructor(host, task) {
    super(host, async (signal) => {
      const before = this.#from ? this.items : [];
      let page = await task(this.#from, signal);
      while (page.nextCursor && page.data.length === 0) { // as for rare things
        page = await task(page.nextCursor, signal);
      }
      return {items: [...before, ...page.data], nextCursor: page.nextCursor};
    });
  }

  get items() {
    return this.value?.items ?? [];
  }

  get nextCursor() {
    return this.value?.nextCursor;
  }

  /** Loads the first page; what was there stays until it arrives. */
  run() {
    this.#from = undefined;
    return this.again();
  }

  /** Shows something else in place of items. @param {(item: T) => T} other */
  replace(other) {
    if (this.value) {
      this.value = {...this.value, items: this.items.map(other)};
      this.host.requestUpdate();
    }
  }

  /** Loads the next page. */
  more() {
    this.#from = this.nextCursor;
    return this.again();
  }

  /**
   * @param {(items: T[]) => unknown} shown
   * @param {() => unknown} empty what is shown if there is nothing
   * @param {number} [rows] of the skeleton
   */
  renderList(shown, empty, rows = 6) {
    const {items, nextCursor, pending} = this;
    const isFirst = items.length === 0;
    return html`
      ${isFirst ? nothing : shown(items)}
      ${isFirst && this.value && !pending && !this.problem ? empty() : nothing}
      ${this.notice()}
      ${pending && (isFirst || nextCursor) ? skeleton(isFirst ? rows : 3) : nothing}
      ${nextCursor && !pending ? html`<button type="button" class="secondary outline small" @click=${() => this.more()}>Load more</button>` : nothing}`;
  }
}
