/** All keys of the workspace: searching, filtering, and commands on many of them. */
import {html, nothing} from 'lit';
import {read, withQuery} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import '../elements/bulk-dialog.js';
import {ConsoleElement} from '../elements/console-element.js';
import {FILTERS} from '../elements/key-filters.js';
import '../elements/key-rows.js';
import {skeleton} from '../elements/loading.js';
import '../elements/problem-notice.js';
import {session} from '../session/session.js';

/** @typedef {import('../api/types.js').Key} Key */

const PAGE_KEYS = 200;
/** As many as one request renews. */
const SELECTED_MAX = 1000;

/**
 * What was listed when the page was left, so that the way back leads to the same place.
 *
 * @type {{of: string, keys: Key[], nextCursor: string | undefined, scrollY: number} | null}
 */
let left = null;

export class KeysPage extends ConsoleElement {
  static properties = {route: {attribute: false}, keys: {state: true}, pending: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {import('../routing/route.js').Route} */
    this.route = {path: '/keys', params: new URLSearchParams()};
    /** @type {Key[]} */
    this.keys = [];
    /** @type {string | undefined} */
    this.nextCursor = undefined;
    this.pending = false;
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
    /** @type {Map<string, Key>} */
    this.selected = new Map();
    /** The filters that `keys` are the answer to. @type {string | null} null before the first */
    this.listed = null;
    /** @type {AbortController | null} */
    this.running = null;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.running?.abort();
    left = {of: this.#identity(), keys: this.keys, nextCursor: this.nextCursor, scrollY: this.scrollYAtLeave};
  }

  /** The place in the list; the frame scrolls up before it takes the page away. */
  scrollYAtLeave = 0;

  connectedCallback() {
    super.connectedCallback();
    addEventListener('scroll', this.#remember, {passive: true});
  }

  #remember = () => {
    if (this.isConnected && this.route.path === '/keys' && location.hash.startsWith('#/keys')) {
      this.scrollYAtLeave = scrollY;
    }
  };

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('route') && this.#query() !== this.listed) {
      this.listed = this.#query();
      if (left?.of === this.#identity()) {
        this.#restore(left);
      } else {
        this.#reload();
      }
    }
  }

  #query() {
    return withQuery('', Object.fromEntries(FILTERS.map((name) => [name, this.route.params.getAll(name)])));
  }

  #identity() {
    return `${session.self?.keyId} ${session.self?.workspace} ${this.listed}`;
  }

  /** @param {NonNullable<typeof left>} place */
  async #restore(place) {
    this.keys = place.keys;
    this.nextCursor = place.nextCursor;
    await this.updateComplete;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    scrollTo(0, place.scrollY);
  }

  #reload() {
    this.keys = [];
    this.nextCursor = undefined;
    this.selected.clear();
    this.#load();
  }

  /** Loads the next page; and more, while pages bring nothing, as they may for rare keys. */
  async #load() {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.pending = true;
    this.problem = null;
    const filters = Object.fromEntries(FILTERS.map((name) => [name, this.route.params.getAll(name)]));
    try {
      let found = 0;
      do {
        /** @type {import('../api/types.js').Page<Key>} */
        const page = await read('/v1/keys', {...filters, limit: String(PAGE_KEYS), cursor: this.nextCursor}, running.signal);
        this.keys = [...this.keys, ...page.data];
        this.nextCursor = page.nextCursor;
        found += page.data.length;
      } while (this.nextCursor && found === 0);
    } catch (thrown) {
      if (this.running !== running) {
        return;
      }
      this.problem = problemOf(thrown);
    }
    if (this.running === running) {
      this.pending = false;
      this.running = null;
    }
  }

  render() {
    return html`<div class="heading"><h1>Keys</h1>
        ${session.may('keys:issue') ? html`<a role="button" class="small" href="#/issue">Issue a key</a>` : nothing}</div>
      <key-filters .params=${this.route.params}></key-filters>
      ${this.#list()}
      ${this.selected.size > 0 ? this.#bulkBar() : nothing}
      <bulk-dialog @done=${() => this.#reload()}></bulk-dialog>`;
  }

  #list() {
    const isEmpty = this.keys.length === 0;
    return html`
      <p class="fine" role="status">${this.pending && isEmpty ? 'Loading' : `${this.keys.length.toLocaleString()} keys${this.nextCursor ? ' so far; the rest loads as you scroll' : ''}`}</p>
      ${isEmpty ? nothing : html`<key-rows .keys=${this.keys} .selected=${this.selected} ?more=${this.nextCursor !== undefined}
        @end-near=${this.#more} @selected=${() => this.requestUpdate()}></key-rows>`}
      ${this.problem ? html`<problem-notice .problem=${this.problem} .retry=${() => this.#load()}></problem-notice>` : nothing}
      ${this.pending ? skeleton(isEmpty ? 10 : 3) : nothing}
      ${isEmpty && !this.pending && !this.problem ? this.#empty() : nothing}`;
  }

  #empty() {
    return this.listed
        ? html`<article class="empty"><h2>No key matches</h2><p>Search looks at names, owners, the start of key ids and the last
            four characters of secrets. Filters narrow it down: a key must match all of them.</p>
            <a href="#/keys">Remove all filters</a></article>`
        : html`<article class="empty"><h2>No keys yet</h2><p>Keys that you issue or import are listed here, dead ones too.</p>
            ${session.may('keys:issue') ? html`<a role="button" href="#/issue">Issue the first key</a>` : nothing}</article>`;
  }

  #bulkBar() {
    const tooMany = this.selected.size > SELECTED_MAX;
    return html`<div class="bulk" role="region" aria-label="Commands on the selected keys">
      <strong>${this.selected.size.toLocaleString()} selected</strong>
      ${tooMany ? html`<span>At most ${SELECTED_MAX.toLocaleString()} at once.</span>` : html`
        ${session.may('keys:renew') ? html`<button type="button" class="small" @click=${() => this.#bulk('renew')}>Renew</button>` : nothing}
        ${session.may('keys:change') ? html`<button type="button" class="small" @click=${() => this.#bulk('transfer')}>Transfer</button>` : nothing}
        ${session.may('keys:revoke') ? html`<button type="button" class="small danger" @click=${() => this.#bulk('revoke')}>Revoke</button>` : nothing}`}
      <button type="button" class="link" @click=${this.#unselect}>Unselect all</button>
    </div>`;
  }

  #unselect() {
    this.selected = new Map();
    this.requestUpdate();
  }

  /** @param {'renew' | 'revoke' | 'transfer'} command */
  #bulk(command) {
    /** @type {any} */ (this.querySelector('bulk-dialog')).open(command, [...this.selected.values()]);
  }

  #more() {
    if (!this.pending && this.nextCursor && !this.problem) {
      this.#load();
    }
  }
}

customElements.define('keys-page', KeysPage);
