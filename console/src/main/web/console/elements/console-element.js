/** The base of all elements: they render without a shadow root, so that Pico's styles apply. */
import {LitElement} from 'lit';

export class ConsoleElement extends LitElement {
  createRenderRoot() {
    return this;
  }
}
