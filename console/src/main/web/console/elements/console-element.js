/** The base of all elements: they render without a shadow root, so that Pico's styles apply. */
import {html, LitElement} from 'lit';
import {problemOf} from '../api/problem.js';
import {session} from '../session/session.js';

export class ConsoleElement extends LitElement {
  connectedCallback() {
    super.connectedCallback();
    session.addEventListener('change', this.#changed);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    session.removeEventListener('change', this.#changed);
  }

  /** What the reader may do may have changed. */
  #changed = () => this.requestUpdate();

  createRenderRoot() {
    return this;
  }
}

/** An element that asks Keyledger for something, once at a time, and shows the problem if there is one. */
export class AskingElement extends ConsoleElement {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = {busy: {state: true}, problem: {state: true}};

  constructor() {
    super();
    this.busy = false;
    /** @type {Problem | null} */
    this.problem = null;
  }

  /** Does nothing while something else is asked for. @param {() => Promise<unknown>} task */
  async attempt(task) {
    if (this.busy) {
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      await task();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    this.busy = false;
  }
}

/** A page, which is given its address and the parameters of its path. */
export class PageElement extends AskingElement {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = {route: {attribute: false}, parameters: {attribute: false}};

  constructor() {
    super();
    /** @type {import('../routing/route.js').Route} */
    this.route = {path: '/', params: new URLSearchParams()};
    /** @type {Record<string, string>} */
    this.parameters = {};
  }
}

/** Returns what was entered in a form, which the browser is not to send. @param {SubmitEvent} event @returns {Record<string, string>} */
export function fieldsOf(event) {
  event.preventDefault();
  const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
  return Object.fromEntries([...fields].map(([name, value]) => [name, String(value).trim()]));
}

/** Returns the options of a list. @param {readonly (readonly [string, string])[]} choices value and label @param {string} chosen */
export function options(choices, chosen) {
  return choices.map(([value, label]) => html`<option value=${value} ?selected=${value === chosen}>${label}</option>`);
}

/** Gives the focus to an element if what had it is gone, so that a keyboard goes on nearby. @param {HTMLElement | null} element */
export function keepFocus(element) {
  if (document.activeElement === document.body) {
    element?.focus();
  }
}
