/** The nodes that answer: how far each is behind the log, and until when it holds its lease. */
import {html, nothing} from 'lit';
import {request} from '../api/api.js';
import {PageElement} from '../elements/console-element.js';
import {Loading} from '../elements/loading.js';
import {isGone, nodesTable} from '../elements/nodes-table.js';

/** @typedef {{position: number, nodes: NodeLag[]}} Nodes */

const REFRESH_MILLIS = 5_000;

export class NodesPage extends PageElement {
  constructor() {
    super();
    /** @type {Loading<Nodes>} */
    this.nodes = new Loading(this, async (signal) => (await request('GET', '/v1/nodes', {signal, isByItself: true})).body);
    this.timer = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.nodes.run();
    this.timer = window.setInterval(() => this.#refresh(), REFRESH_MILLIS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** Asks again while somebody looks. */
  #refresh() {
    if (document.visibilityState === 'visible' && this.checkVisibility() && !this.nodes.pending) {
      this.nodes.run();
    }
  }

  render() {
    return html`<h1>Nodes</h1>
      <p>Every node has all keys in memory, and follows the log. A command is in force on a node once the node has applied it.</p>
      ${this.nodes.render(({position, nodes}) => html`
        ${this.#standing(nodes)}
        ${nodesTable(nodes)}
        <p class="fine">The head of the log is at position ${position.toLocaleString()}. Asked again every ${REFRESH_MILLIS / 1000} seconds.</p>`, 4)}
      <details><summary>What this means</summary>
        <dl class="facts">
          <dt>up to date</dt><dd>The node has reported all that is in the log.</dd>
          <dt>behind</dt><dd>It has reported less. It catches up by itself, usually within milliseconds; reports come every second or two.</dd>
          <dt>stale</dt><dd>Its lease has ended: it has died, or cannot reach the database. It is listed for two hours. Look at its log; if it is gone for
            good, nothing needs to be done.</dd>
          <dt>lease</dt><dd>A node renews it every 2 seconds. Receipts of commands wait for the nodes that hold one.</dd>
          <dt>strict</dt><dd>The node refuses checks while it has no lease, so that receipts are proofs.</dd>
        </dl></details>`;
  }

  /** @param {Nodes['nodes']} nodes */
  #standing(nodes) {
    const gone = nodes.filter(isGone);
    return gone.length === 0 ? nothing : html`<p class="notice" role="status">${gone.length === 1 ? 'A node has' : `${gone.length} nodes have`} lost
      contact with the log: ${gone.map((node) => node.node).join(', ')}.</p>`;
  }
}

customElements.define('nodes-page', NodesPage);
