/** Switches between the light theme, the dark one, and that of the system. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

const THEME = 'keyledger.theme';
const NEXT = /** @type {Record<string, string>} */ ({system: 'light', light: 'dark', dark: 'system'});

/** Shows the theme that the reader chose before. */
export function useStoredTheme() {
  apply(localStorage.getItem(THEME) ?? 'system');
}

/** @param {string} theme */
function apply(theme) {
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
}

export class ThemeButton extends ConsoleElement {
  static properties = {theme: {state: true}};

  constructor() {
    super();
    this.theme = localStorage.getItem(THEME) ?? 'system';
  }

  render() {
    return html`<button type="button" class="link" @click=${this.#switch}>Theme: ${this.theme}</button>`;
  }

  #switch() {
    this.theme = NEXT[this.theme] ?? 'system';
    localStorage.setItem(THEME, this.theme);
    apply(this.theme);
  }
}

customElements.define('theme-button', ThemeButton);
