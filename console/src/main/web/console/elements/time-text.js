/** A time in the reader's zone, in words or as a date; with UTC where the pointer rests. */
import {html, nothing} from 'lit';
import {dateText, fullText, relativeWords, titleOf, utcText} from '../text/time.js';
import {ConsoleElement} from './console-element.js';

/** @type {Set<TimeText>} */
const shown = new Set();
setInterval(() => shown.forEach((element) => element.requestUpdate()), 20_000);

export class TimeText extends ConsoleElement {
  static properties = {value: {}, form: {}};

  constructor() {
    super();
    /** @type {string | undefined} */
    this.value = undefined;
    /** @type {'words' | 'date' | 'full'} */
    this.form = 'words';
  }

  connectedCallback() {
    super.connectedCallback();
    shown.add(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    shown.delete(this);
  }

  render() {
    if (!this.value) {
      return nothing;
    }
    const time = new Date(this.value);
    const text = {words: relativeWords, date: dateText, full: fullText}[this.form](time);
    return html`<time datetime=${this.value} title=${this.form === 'words' ? titleOf(this.value) : utcText(this.value)}>${text}</time>`;
  }
}

customElements.define('time-text', TimeText);
