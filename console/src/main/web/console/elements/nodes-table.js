/** The nodes, with how far each is behind the log. */
import {html} from 'lit';
import {serverNow} from '../text/time.js';
import './time-text.js';

/** Returns whether a node has died or lost the database. @param {NodeLag} node */
export function isGone(node) {
  return Date.parse(node.leaseUntil) < serverNow().getTime();
}

/** @param {NodeLag[]} nodes */
export function nodesTable(nodes) {
  if (nodes.length === 0) {
    return html`<p>No node holds a lease.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Nodes"><table>
    <thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col" class="number">Position</th>
      <th scope="col" class="number">Behind</th><th scope="col">Lease</th></tr></thead>
    <tbody>${nodes.map((node) => html`<tr>
      <td>${node.node}${node.strict ? html` <small>strict</small>` : ''}</td>
      <td>${nodeBadge(node)}</td>
      <td class="number">${node.position.toLocaleString()}</td>
      <td class="number">${node.lagEvents === 0 ? '0' : `${node.lagEvents.toLocaleString()} events, ${node.lagSeconds} s`}</td>
      <td>${isGone(node) ? 'ended ' : 'ends '}<time-text .value=${node.leaseUntil}></time-text></td>
    </tr>`)}</tbody></table></div>`;
}

/** @param {NodeLag} node */
function nodeBadge(node) {
  if (isGone(node)) {
    return html`<span class="badge revoked">stale</span>`;
  }
  return node.lagEvents > 0
      ? html`<span class="badge expired">behind</span>`
      : html`<span class="badge active">up to date</span>`;
}
