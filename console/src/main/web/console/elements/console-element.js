/** The base of all elements: they render without a shadow root, so that Pico's styles apply. */
import {LitElement} from 'lit';

export class ConsoleElement extends LitElement {
  createRenderRoot() {
    return this;
  }
}

/** Gives the focus to an element if what had it is gone, so that a keyboard goes on nearby. @param {HTMLElement | null} element */
export function keepFocus(element) {
  if (document.activeElement === document.body) {
    element?.focus();
  }
}
