/** How parts of a key are shown, wherever they are. */
import {html} from 'lit';
import {linkTo} from '../routing/route.js';
import {fullText, relativeWords, utcText} from '../text/time.js';
import './time-text.js';

/** @typedef {import('../api/types.js').Key} Key */
/** @typedef {import('../api/types.js').Owner} Owner */

/** @param {string} status */
export function statusBadge(status) {
  return html`<span class="badge ${status}">${status.replaceAll('-', ' ')}</span>`;
}

/** @param {Owner} owner */
export function ownerText(owner) {
  return html`<span class="owner"><small>${owner.type}</small> ${owner.id}</span>`;
}

/** @param {import('../api/types.js').Actor} actor */
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

/** Returns until when a key is good, in words. @param {Key} key */
export function expiryText(key) {
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
  const date = new Date(time);
  return html`<time datetime=${time} title="${fullText(date)} — ${utcText(time)}">${relativeWords(date)}</time>`;
}
