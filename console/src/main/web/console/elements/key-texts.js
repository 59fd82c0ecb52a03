/** How parts of a key are shown, wherever they are. */
import {html, nothing} from 'lit';
import {linkTo} from '../routing/route.js';
import {relativeWords, titleOf} from '../text/time.js';
import './time-text.js';

/** @param {string} status */
export function statusBadge(status) {
  return html`<span class="badge ${status}">${status.replaceAll('-', ' ')}</span>`;
}

/** @param {Owner} owner */
export function ownerText(owner) {
  return html`<span class="owner"><small>${owner.type}</small> ${owner.id}</span>`;
}

/** @param {Actor} actor */
export function actorText(actor) {
  if (!actor.id) {
    return html`${actor.type}`;
  }
  return html`${actor.type} <a href=${linkTo(`/keys/${actor.id}`)}><code>${actor.id}</code></a>`;
}

/** @param {Pick<Key, 'keyId' | 'name'>} key */
export function keyLink(key) {
  return html`<a class="name" href=${linkTo(`/keys/${key.keyId}`)}>${key.name}</a>`;
}

/** Returns until when a key is good, or was, in words. @param {Pick<Key, 'status' | 'expiresAt' | 'revokedAt'>} key */
export function expiryText(key) {
  if (key.status === 'revoked') {
    return html`revoked ${key.revokedAt ? html`<time-text .value=${key.revokedAt}></time-text>` : ''}`;
  }
  return key.expiresAt ? html`<time-text .value=${key.expiresAt}></time-text>` : html`never`;
}

/** @param {{lastUsedAt?: string}} used */
export function lastUseText(used) {
  return used.lastUsedAt
      ? html`<time-text .value=${used.lastUsedAt}></time-text>`
      : html`<span class="muted">never</span>`;
}

/** Returns a time in words that stay as they are; for long tables. @param {string} time */
export function whenText(time) {
  return html`<time datetime=${time} title=${titleOf(time)}>${relativeWords(new Date(time))}</time>`;
}

/** Why a key is revoked: the value in the command, and its meaning. @type {[string, string][]} */
export const REVOCATION_REASONS = [
  ['unspecified', 'not specified'],
  ['compromised', 'compromised: somebody else has it'],
  ['leaked', 'leaked: it was published'],
  ['superseded', 'superseded by another key'],
  ['owner-left', 'its owner left'],
  ['no-longer-used', 'no longer used'],
  ['policy', 'against the policy'],
];

/** @param {Key} key */
export const isAlive = (key) => key.status !== 'revoked' && key.status !== 'expired';

/** @param {Key} key @param {{isPast?: boolean}} [options] the past tells no last use */
export function keyFacts(key, {isPast = false} = {}) {
  return html`<dl class="facts">
    <dt>State</dt><dd>${statusBadge(key.status)}${key.revocationReason && key.revocationReason !== 'unspecified' && key.status === 'revoked' ? html` ${key.revocationReason}` : nothing}
      ${key.revokedAt ? html`<time-text .value=${key.revokedAt}></time-text>` : nothing}</dd>
    ${key.planned ? html`<dt>Planned</dt><dd>${key.planned.command} <time-text .value=${key.planned.effectiveAt}></time-text></dd>` : nothing}
    ${key.status === 'revoked' ? nothing : html`<dt>Expires</dt><dd>${expiryText(key)}</dd>`}
    ${key.status === 'expired' && key.renewableUntil ? html`<dt>Renewable</dt><dd>until <time-text .value=${key.renewableUntil} form="full"></time-text></dd>` : nothing}
    ${key.notBefore ? html`<dt>Valid from</dt><dd><time-text .value=${key.notBefore} form="full"></time-text></dd>` : nothing}
    ${key.nextReminderAt ? html`<dt>Next reminder</dt><dd><time-text .value=${key.nextReminderAt}></time-text></dd>` : nothing}
    ${isPast ? nothing : html`<dt>Last used</dt><dd>${lastUseText(key)}</dd>`}
    <dt>Owner</dt><dd><a href=${linkTo('/keys', {owner: `${key.owner.type}:${key.owner.id}`})}>${ownerText(key.owner)}</a></dd>
    <dt>Environment</dt><dd>${key.environment}</dd>
    <dt>Permissions</dt><dd>${key.permissions.length === 0 ? 'none' : html`<ul class="permissions">${key.permissions.map((one) => html`<li><code>${one}</code></li>`)}</ul>`}</dd>
    <dt>From</dt><dd>${key.ipAllowList.length > 0 ? key.ipAllowList.join(', ') : 'any address'}</dd>
    ${Object.keys(key.metadata).length > 0
        ? html`<dt>Metadata</dt><dd>${Object.entries(key.metadata).map(([name, value]) => html`<div><code>${name}</code> ${value}</div>`)}</dd>` : nothing}
    <dt>Issued</dt><dd><time-text .value=${key.createdAt} form="full"></time-text> by ${actorText(key.issuedBy)}</dd>
    <dt>Version</dt><dd>${key.version}</dd>
  </dl>
  <div class="scroll" tabindex="0" role="region" aria-label="Secrets"><table>
    <thead><tr><th scope="col">Secret</th><th scope="col">Ends in</th>${isPast ? nothing : html`<th scope="col">Last used</th>`}<th scope="col">Valid until</th></tr></thead>
    <tbody>${key.secrets.map((secret) => html`<tr>
      <td>${secret.generation}${secret.generation === key.generation ? ' (current)' : ' (earlier)'}</td>
      <td><code>${secret.secretHint?.slice(-4) ?? '?'}</code></td>
      ${isPast ? nothing : html`<td>${lastUseText(secret)}</td>`}
      <td>${secret.generation === key.generation || !isAlive(key) ? expiryText(key)
          : secret.endsAt ? html`<time-text .value=${secret.endsAt}></time-text>` : 'a while after the first use of the current one'}</td>
    </tr>`)}</tbody></table></div>`;
}

/** @typedef {{outcome: 'passed' | 'failed' | 'idle', text: unknown}} Condition `idle`: not looked at */

const OUTCOMES = {passed: 'Yes: ', failed: 'No: ', idle: 'Not checked: '};

/** @param {Condition[]} conditions */
export function conditionList(conditions) {
  return html`<ul class="conditions">${conditions.map(({outcome, text}) => html`<li class=${outcome}>
    <span><span class="hidden">${OUTCOMES[outcome]}</span>${text}</span></li>`)}</ul>`;
}
