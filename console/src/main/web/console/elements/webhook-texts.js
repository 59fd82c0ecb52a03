/** How parts of a webhook are shown, wherever they are. */
import {html} from 'lit';
import {eventWords} from '../text/changes.js';
import {ownerText} from './key-texts.js';

/**
 * @typedef {object} Webhook
 * @property {string} webhookId
 * @property {'http' | 'email'} kind
 * @property {string} [url]
 * @property {string} [address]
 * @property {string[]} [types] absent for all
 * @property {Owner} [owner] absent for all
 * @property {boolean} enabled
 * @property {'requested' | 'gone'} [disabledReason]
 * @property {string} [publicKey]
 * @property {string} [overlapEndsAt]
 * @property {string} createdAt
 * @property {string} [secret] only in the response that creates it or makes another secret
 */

/** @param {Webhook} webhook */
export function targetOf(webhook) {
  return webhook.url ?? webhook.address ?? webhook.webhookId;
}

/** @param {Webhook} webhook */
export function webhookBadge(webhook) {
  if (webhook.enabled) {
    return html`<span class="badge active">enabled</span>`;
  }
  return html`<span class="badge ${webhook.disabledReason === 'gone' ? 'revoked' : 'suspended'}">${webhook.disabledReason === 'gone'
      ? 'disabled: its receiver said that it is gone' : 'disabled'}</span>`;
}

/** What it receives, in words. @param {Webhook} webhook */
export function filterText(webhook) {
  return html`${webhook.types ? webhook.types.map(eventWords).join(', ') : 'everything'}${webhook.owner ? html` of ${ownerText(webhook.owner)}` : ''}`;
}
