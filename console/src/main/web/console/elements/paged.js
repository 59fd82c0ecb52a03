/** Shows a list that is loaded in pieces: the first at once, the others when its reader comes to them. */
import {html, nothing} from 'lit';
import {Loading, skeleton} from './loading.js';

/**
 * A list of an element.
 *
 * @template T
 * @extends {Loading<{items: T[], nextCursor?: string}>}
 */
export class Paged extends Loading {
  /** Where the last run begins. @type {string | undefined} */
  #from;

  /**
   * @param {import('lit').LitElement} host
   * @param {(cursor: string | undefined, signal: AbortSignal) => Promise<import('../api/types.js').Page<T>>} task
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
