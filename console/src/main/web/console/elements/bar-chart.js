/** A chart of bars over time. The same numbers are a table, for those who cannot see the chart. */
import {html, svg} from 'lit';
import {dateText} from '../text/time.js';
import {ConsoleElement} from './console-element.js';

const HEIGHT = 100;
const TOP_MIN = 4;
const DATES = 5;

/** @typedef {{time: Date, label: string, count: number}} Bar */

export class BarChart extends ConsoleElement {
  static properties = {bars: {attribute: false}, label: {}, unit: {}};

  constructor() {
    super();
    /** @type {Bar[]} */
    this.bars = [];
    this.label = '';
    this.unit = '';
  }

  render() {
    const total = this.bars.reduce((sum, bar) => sum + bar.count, 0);
    return html`
      <div class="chart" role="img" aria-label="${this.label}: ${total} ${this.unit} in all">${this.#drawing()}</div>
      <details class="numbers"><summary>Numbers</summary>
        <div class="scroll short" tabindex="0" role="region" aria-label=${this.label}><table>
          <thead><tr><th scope="col">From</th><th scope="col" class="number">${this.unit}</th></tr></thead>
          <tbody>${this.bars.filter((bar) => bar.count > 0).map((bar) => html`<tr>
            <td>${bar.label}</td><td class="number">${bar.count}</td></tr>`)}</tbody>
        </table></div>
      </details>`;
  }

  /** Bars are one wide; the drawing is stretched to the place that there is. */
  #drawing() {
    const width = this.bars.length;
    const top = roundTop(Math.max(...this.bars.map((bar) => bar.count)));
    const dates = Array.from({length: Math.min(DATES, width)}, (_, i) => this.bars[Math.floor((i + 0.5) * width / Math.min(DATES, width))]);
    return html`
      <div class="scale">${[top, top / 2, 0].map((count) => html`<span>${count.toLocaleString()}</span>`)}</div>
      <svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">
        ${[0, 0.5, 1].map((part) => svg`<line x2=${width} y1=${part * HEIGHT} y2=${part * HEIGHT}></line>`)}
        ${this.bars.map((bar, i) => svg`<g><title>${bar.label}: ${bar.count.toLocaleString()} ${this.unit}</title>
          <rect class="place" x=${i} width="1" height=${HEIGHT}></rect>
          <rect x=${i + 0.12} y=${HEIGHT * (1 - bar.count / top)} width="0.76" height=${HEIGHT * bar.count / top}></rect></g>`)}
      </svg>
      <div class="dates">${dates.map((bar) => html`<span>${dateText(bar.time)}</span>`)}</div>`;
  }
}

/** Returns a round number that is no smaller, and whose half is whole. @param {number} count */
function roundTop(count) {
  const step = 10 ** Math.floor(Math.log10(Math.max(count, 1)));
  const tops = [1, 2, 4, 6, 8, 10, 20].map((factor) => factor * step);
  return Math.max(TOP_MIN, tops.find((top) => top >= count && top % 2 === 0) ?? count);
}

customElements.define('bar-chart', BarChart);
