/** A chart of bars over time. The same numbers are a table, for those who cannot see the chart. */
import {html} from 'lit';
import {ConsoleElement} from './console-element.js';

const HEIGHT = 170;

/** @typedef {{time: Date, label: string, count: number}} Bar */

export class BarChart extends ConsoleElement {
  static properties = {bars: {attribute: false}, label: {}, unit: {}};

  constructor() {
    super();
    /** @type {Bar[]} */
    this.bars = [];
    this.label = '';
    this.unit = '';
    /** @type {any} */
    this.chart = null;
    this.resized = new ResizeObserver(() => this.#resize());
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('theme', this.#redraw);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#redraw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('theme', this.#redraw);
    matchMedia('(prefers-color-scheme: dark)').removeEventListener('change', this.#redraw);
    this.resized.disconnect();
    this.chart?.destroy();
    this.chart = null;
  }

  render() {
    const total = this.bars.reduce((sum, bar) => sum + bar.count, 0);
    return html`
      <div class="chart" role="img" aria-label="${this.label}: ${total} ${this.unit} in all"></div>
      <details class="numbers"><summary>Numbers</summary>
        <div class="scroll short" tabindex="0" role="region" aria-label=${this.label}><table>
          <thead><tr><th scope="col">From</th><th scope="col" class="number">${this.unit}</th></tr></thead>
          <tbody>${this.bars.filter((bar) => bar.count > 0).map((bar) => html`<tr>
            <td>${bar.label}</td><td class="number">${bar.count}</td></tr>`)}</tbody>
        </table></div>
      </details>`;
  }

  updated() {
    this.#redraw();
  }

  #redraw = () => {
    const UPlot = /** @type {any} */ (window).uPlot; // a script of its own, which is smaller than uPlot's module
    const place = /** @type {HTMLElement | null} */ (this.querySelector('.chart'));
    if (!place || !this.isConnected || this.bars.length === 0) {
      return;
    }
    this.chart?.destroy();
    const style = getComputedStyle(this);
    const line = style.getPropertyValue('--pico-muted-border-color').trim();
    const text = style.getPropertyValue('--pico-muted-color').trim();
    const fill = style.getPropertyValue('--pico-primary-background').trim();
    const axis = {stroke: text, grid: {stroke: line, width: 1}, ticks: {stroke: line, width: 1}, font: '12px system-ui'};
    const bars = UPlot.paths.bars({size: [0.75, 40]});
    this.chart = new UPlot(
        {
          width: Math.max(200, place.clientWidth),
          height: HEIGHT,
          legend: {show: false},
          cursor: {show: false},
          scales: {y: {range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number} */ max) => [0, Math.max(4, max)]}},
          axes: [{...axis, grid: {show: false}}, {...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000]}],
          series: [{}, {paths: bars, fill, stroke: fill, width: 0, points: {show: false}}],
        },
        [this.bars.map((bar) => bar.time.getTime() / 1000), this.bars.map((bar) => bar.count)],
        place);
    this.resized.disconnect();
    this.resized.observe(place);
  };

  #resize() {
    const place = this.querySelector('.chart');
    if (place && this.chart && Math.abs(place.clientWidth - this.chart.width) > 1) {
      this.chart.setSize({width: Math.max(200, place.clientWidth), height: HEIGHT});
    }
  }
}

customElements.define('bar-chart', BarChart);
