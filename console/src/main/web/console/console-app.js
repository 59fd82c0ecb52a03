/** The frame of the console: who is signed in, the menu, and the page of the address. */
import {html, nothing} from 'lit';
import {connection, isCommandPending, requests} from './api/api.js';
import {problemOf} from './api/problem.js';
import {ConsoleElement} from './elements/console-element.js';
import './elements/curl-log.js';
import {isShowingSecret} from './elements/secret-once.js';
import './elements/theme-button.js';
import {PAGES} from './pages.js';
import {currentRoute, linkTo, match} from './routing/route.js';
import './session/session-end.js';
import {session} from './session/session.js';
import './session/sign-in-form.js';
import {isOperator, signIn} from './session/sign-in.js';
import './session/who-is-signed-in.js';

/** @typedef {import('./pages.js').PageEntry} PageEntry */

class ConsoleApp extends ConsoleElement {
  static properties = {route: {state: true}, loaded: {state: true}, missing: {state: true}, isHeld: {state: true}};

  constructor() {
    super();
    this.address = location.hash;
    this.route = currentRoute();
    /** @type {PageEntry | null} the page whose element has been loaded */
    this.loaded = null;
    /** @type {PageEntry | null} a page whose module could not be loaded */
    this.missing = null;
    /** The element of the page. It stays when the session ends, with what was entered. @type {any} */
    this.page = null;
    this.pageOf = '';
    /** Whether the reader wants to leave before a command is answered. */
    this.isHeld = false;
    this.resuming = true;
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#routed);
    connection.addEventListener('change', () => this.requestUpdate());
    requests.addEventListener('answered', () => (this.isHeld = false));
    this.#resume();
  }

  async #resume() {
    session.resume();
    if (session.key) {
      try {
        await signIn(session.key, session.workspace);
      } catch (thrown) {
        if (problemOf(thrown).status === 401) {
          session.end('rejected');
        }
      }
    }
    this.resuming = false;
    this.requestUpdate();
  }

  #routed = () => {
    if (isShowingSecret() || isCommandPending()) {
      history.pushState(null, '', this.address); // another page would lose the secret
      this.isHeld = isCommandPending();
    } else {
      this.address = location.hash;
      this.route = currentRoute();
    }
  };

  render() {
    const known = session.self !== null && isOperator(session.self);
    const signedIn = known && session.key !== '';
    return html`
      <a class="skip" href="#content" @click=${this.#skip}>Skip to the content</a>
      <header class="top">
        <button type="button" class="menu-button" popovertarget="menu" ?hidden=${!known}>Menu</button>
        <a class="brand" href="#/"><img src="/console/icon.svg" alt="" width="24" height="24">Keyledger</a>
        <span class="spring"></span>
        <theme-button></theme-button>
        ${signedIn ? html`<who-is-signed-in></who-is-signed-in>` : nothing}
      </header>
      ${this.#connectionNotice()}
      <div class=${known ? 'frame' : 'frame alone'}>
        ${known ? this.#menu() : nothing}
        <main id="content" tabindex="-1">
          ${this.resuming || signedIn
              ? nothing
              : html`<sign-in-form @signed-in=${this.#signedIn}></sign-in-form>`}
          <div ?hidden=${!signedIn} ?inert=${!signedIn}>${known ? this.#page() : nothing}</div>
          <curl-log ?hidden=${!signedIn}></curl-log>
        </main>
      </div>
      <session-end></session-end>`;
  }

  #menu() {
    return html`<nav id="menu" popover class="menu" aria-label="Pages">
      <ul>
        ${PAGES.filter((page) => page.menu && isPermitted(page)).map((page) => html`<li>
          <a href=${linkTo(page.path)} aria-current=${match(page.path, this.route.path) ? 'page' : nothing}
            @click=${() => document.getElementById('menu')?.hidePopover()}>${page.title}</a></li>`)}
        <li><a href="/my-key/">My key</a></li>
      </ul>
    </nav>`;
  }

  #connectionNotice() {
    const text = {
      ok: '',
      offline: 'Keyledger cannot be reached. What you see may be out of date.',
      stale: 'The node that answers is behind the log. What you see may be out of date.',
    }[connection.state] || (this.isHeld ? 'You can leave this page when Keyledger has answered: the answer may have a secret.' : '');
    return html`<div role="status" class="connection" ?hidden=${!text}>${text}</div>`;
  }

  #page() {
    for (const page of PAGES) {
      const parameters = match(page.path, this.route.path);
      if (parameters) {
        if (!isPermitted(page)) {
          return html`<h1>${page.title}</h1><p>You may not see this page. It needs
            ${page.needs.map((need) => html`<code>${need === 'root' ? 'the root key' : `keyledger:${need}`}</code> `)}.</p>`;
        }
        if (this.missing === page) {
          return html`<h1>${page.title}</h1><p class="problem" role="alert">This page could not be loaded.
            <button type="button" class="link" @click=${() => location.reload()}>Load the console again</button></p>`;
        }
        this.#load(page);
        return this.loaded === page ? this.#element(page, parameters) : nothing;
      }
    }
    return html`<h1>No such page</h1><p>There is nothing at this address. <a href="#/">Home</a></p>`;
  }

  /** @param {PageEntry} page */
  async #load(page) {
    if (this.loaded !== page) {
      try {
        await page.load();
      } catch {
        this.missing = page;
        return;
      }
      document.title = `${page.title} - Keyledger`;
      this.loaded = page;
    }
  }

  /**
   * Returns the element of a page: another one for another path or workspace, the same one for
   * other filters.
   *
   * @param {PageEntry} page
   * @param {Record<string, string>} parameters
   */
  #element(page, parameters) {
    const identity = [page.element, this.route.path, session.self?.workspace, whoIs()].join(' ');
    if (this.pageOf !== identity) {
      const isFirst = this.pageOf === '';
      this.page = document.createElement(page.element);
      this.page.parameters = parameters;
      this.pageOf = identity;
      /** @type {any} */ (this.querySelector('curl-log'))?.clear(whoIs() + (session.self?.workspace ?? ''));
      if (!isFirst) {
        window.scrollTo(0, 0);
        this.#focusContent();
      }
    }
    this.page.route = this.route;
    return this.page;
  }

  /** @param {Event} event */
  #skip = (event) => {
    event.preventDefault(); // the fragment is the address of the page
    this.#focusContent();
  };

  #focusContent() {
    /** @type {HTMLElement | null} */ (this.querySelector('#content'))?.focus();
  }

  #signedIn = async () => {
    this.requestUpdate();
    await this.updateComplete;
    const inDialog = this.querySelector('dialog:modal :is(input, select, button)');
    inDialog ? /** @type {HTMLElement} */ (inDialog).focus() : this.#focusContent();
  };
}

/** @param {PageEntry} page */
function isPermitted(page) {
  return page.needs.every((need) => (need === 'root' ? session.isRoot() : session.may(need)));
}

function whoIs() {
  return session.self?.keyId ?? session.self?.actor?.type;
}

customElements.define('console-app', ConsoleApp);
