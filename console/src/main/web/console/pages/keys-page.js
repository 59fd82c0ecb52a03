/** All keys of the workspace: searching, filtering, and commands on many of them. */
import {html, nothing} from 'lit';
import {read, requests} from '../api/api.js';
import '../elements/bulk-dialog.js';
import {PageElement} from '../elements/console-element.js';
import {FILTERS} from '../elements/key-filters.js';
import '../elements/key-rows.js';
import {Paged} from '../elements/loading.js';
import {withQuery} from '../routing/route.js';
import {session} from '../session/session.js';
import {countOf} from '../text/time.js';

const PAGE_KEYS = 200;
/** As many as one request renews. */
const SELECTED_MAX = 1000;

/**
 * What was listed when the page was left, so that the way back leads to the same place.
 *
 * @type {{of: string, keys: Paged<Key>['value'], scrollY: number} | null}
 */
let left = null;

/** The keys that were changed since the list was left. @type {Set<string>} */
const changed = new Set();
requests.addEventListener('requested', (event) => {
  const {method, path, status} = /** @type {CustomEvent<{method: string, path: string, status: number}>} */ (event).detail;
  if (method === 'GET' || !path.startsWith('/v1/keys') || status >= 400) {
    return;
  }
  const keyId = /^\/v1\/keys\/(key_\w+)[^?]*$/.exec(path)?.[1];
  if (keyId) {
    changed.add(keyId);
  } else {
    left = null; // there are new keys, or many that changed
  }
});

export class KeysPage extends PageElement {
  constructor() {
    super();
    /** @type {Paged<Key>} */
    this.keys = new Paged(this, (cursor, signal) => read('/v1/keys', {...this.#filters(), limit: String(PAGE_KEYS), cursor}, signal));
    /** @type {Map<string, Key>} */
    this.selected = new Map();
    /** The filters that `keys` are the answer to. @type {string | null} null before the first */
    this.listed = null;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('scroll', this.#remember);
    this.keys.stop();
    left = {of: this.#identity(), keys: this.keys.value, scrollY: this.scrollYAtLeave};
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

  /** @param {Map<string, unknown>} updated */
  willUpdate(updated) {
    if (updated.has('route') && this.#query() !== this.listed) {
      this.listed = this.#query();
      if (left?.keys && left.of === this.#identity()) {
        this.#restore(left);
      } else {
        this.#reload();
      }
    }
  }

  #filters() {
    return Object.fromEntries(FILTERS.map((name) => [name, this.route.params.getAll(name)]));
  }

  #query() {
    return withQuery('', this.#filters());
  }

  #identity() {
    return `${session.self?.keyId} ${session.self?.workspace} ${this.listed}`;
  }

  /** @param {NonNullable<typeof left>} place */
  async #restore(place) {
    this.keys.value = place.keys;
    await this.updateComplete;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    scrollTo(0, place.scrollY);
    this.#readAgain(this.keys.items.filter((key) => changed.has(key.keyId)));
  }

  /** Shows keys as they are now, where they are; whether they still match the filters or not. @param {Key[]} keys */
  async #readAgain(keys) {
    for (const {keyId} of keys) {
      try {
        /** @type {Key} */
        const now = await read(`/v1/keys/${keyId}`);
        this.keys.replace((key) => (key.keyId === keyId ? now : key));
        changed.delete(keyId);
      } catch {
        // The list shows what it was.
      }
    }
  }

  #reload() {
    this.keys.clear();
    this.selected.clear();
    changed.clear();
    this.keys.run();
  }

  render() {
    return html`<div class="heading"><h1>Keys</h1>
        ${session.may('keys:issue') ? html`<a role="button" class="small" href="#/issue">Issue a key</a>` : nothing}</div>
      <key-filters .params=${this.route.params}></key-filters>
      ${this.#list()}
      ${this.selected.size > 0 ? this.#bulkBar() : nothing}
      <bulk-dialog @done=${this.#done}></bulk-dialog>`;
  }

  #list() {
    const {items, nextCursor, pending, value} = this.keys;
    return html`
      <p class="fine" role="status" tabindex="-1">${value ? `${countOf(items.length, 'key')}${nextCursor ? ' so far; the rest loads as you scroll' : ''}` : pending ? 'Loading' : ''}</p>
      ${this.keys.renderList((keys) => html`<key-rows .keys=${keys} .selected=${this.selected} ?more=${nextCursor !== undefined}
        @end-near=${this.#more} @selected=${() => this.requestUpdate()}></key-rows>`, () => this.#empty(), 10)}`;
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
    const {pending, nextCursor, problem} = this.keys;
    if (!pending && nextCursor && !problem) {
      this.keys.more();
    }
  }

  /** The button that opened the dialog is gone, as nothing is selected any more. */
  #done() {
    this.#reload();
    /** @type {HTMLElement | null} */ (this.querySelector('.fine'))?.focus();
  }
}

customElements.define('keys-page', KeysPage);
