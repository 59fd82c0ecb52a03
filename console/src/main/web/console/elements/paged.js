/** Shows a list that is loaded in pieces: the first at once, the others when its reader asks. */
import {html, nothing} from 'lit';
import {problemOf} from '../api/problem.js';
import {skeleton} from './loading.js';
import './problem-notice.js';

/**
 * A list of an element. Only the last load counts: earlier ones are aborted.
 *
 * @template T
 */
export class Paged {
  /** @type {T[]} */
  items = [];
  /** @type {string | undefined} */
  nextCursor;
  /** @type {import('../api/types.js').Problem | null} */
  problem = null;
  pending = false;
  /** Whether the items are those of now. */
  loaded = false;
  /** @type {AbortController | null} */
  #running = null;
  /** Where the last load began. @type {string | undefined} */
  #from;

  /**
   * @param {import('lit').LitElement} host
   * @param {(cursor: string | undefined, signal: AbortSignal) => Promise<import('../api/types.js').Page<T>>} task
   */
  constructor(host, task) {
    this.host = host;
    this.task = task;
  }

  /** Loads the first page; what was there stays until it arrives. */
  run() {
    return this.#load(undefined);
  }

  /** Loads the next page. */
  more() {
    return this.#load(this.nextCursor);
  }

  /** Forgets what was loaded, so that a skeleton is shown. */
  clear() {
    this.items = [];
    this.nextCursor = undefined;
    this.loaded = false;
  }

  /** Loads a page; and more, while pages bring nothing, as they may for rare things. @param {string | undefined} from */
  async #load(from) {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#from = from;
    this.pending = true;
    this.problem = null;
    this.host.requestUpdate();
    try {
      let cursor = from;
      /** @type {T[]} */
      let found = [];
      do {
        const page = await this.task(cursor, running.signal);
        found = page.data;
        cursor = page.nextCursor;
      } while (cursor && found.length === 0 && this.#running === running);
      if (this.#running === running) {
        this.items = from ? [...this.items, ...found] : found;
        this.nextCursor = cursor;
        this.loaded = true;
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

  /**
   * @param {(items: T[]) => unknown} shown
   * @param {() => unknown} empty what is shown if there is nothing
   * @param {number} [rows] of the skeleton
   */
  render(shown, empty, rows = 6) {
    const isFirst = this.items.length === 0;
    return html`
      ${isFirst ? nothing : shown(this.items)}
      ${isFirst && this.loaded && !this.pending && !this.problem ? empty() : nothing}
      ${this.problem ? html`<problem-notice .problem=${this.problem} .retry=${() => this.#load(this.#from)}></problem-notice>` : nothing}
      ${this.pending && (isFirst || this.nextCursor) ? skeleton(isFirst ? rows : 3) : nothing}
      ${this.nextCursor && !this.pending && !isFirst
          ? html`<button type="button" class="secondary outline small" @click=${() => this.more()}>Load more</button>` : nothing}`;
  }
}
