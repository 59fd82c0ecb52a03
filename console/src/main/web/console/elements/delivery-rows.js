/** The deliveries of a webhook, with what the receiver answered. */
import {html, nothing} from 'lit';
import {request} from '../api/api.js';
import {linkTo, withQuery} from '../routing/route.js';
import {eventWords} from '../text/changes.js';
import {AskingElement} from './console-element.js';
import {whenText} from './key-texts.js';
import {Paged} from './loading.js';
import './problem-notice.js';
import './time-text.js';

/**
 * @typedef {object} Delivery
 * @property {string} deliveryId
 * @property {string} type
 * @property {string} [keyId]
 * @property {number} [position]
 * @property {'pending' | 'delivered' | 'dead'} status
 * @property {number} attempts
 * @property {string} [nextAttemptAt]
 * @property {number} [responseStatus]
 * @property {string} [responseBody]
 * @property {string} createdAt
 */

const ASK_AGAIN_MILLIS = 2_000;
const ASKED_MAX = 15;
const BADGES = {pending: 'suspended', delivered: 'active', dead: 'revoked'};

export class DeliveryRows extends AskingElement {
  static properties = {webhookId: {attribute: false}, isEnabled: {attribute: false}, status: {attribute: false}, opened: {state: true}, said: {state: true}};

  constructor() {
    super();
    this.webhookId = '';
    this.isEnabled = true;
    /** The only status that is listed; empty for all. */
    this.status = '';
    /** The delivery whose details are shown. */
    this.opened = '';
    this.said = '';
    this.timer = 0;
    /** @type {Paged<Delivery>} */
    this.deliveries = new Paged(this, async (cursor, signal) => (await request('GET', this.#path(cursor), {signal, isByItself: this.asked > 0})).body);
    this.asked = 0;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('webhookId') || changed.has('status')) {
      this.deliveries.clear();
      this.reload();
    }
  }

  /** Loads the deliveries, and again for half a minute, until no attempt is near. */
  reload() {
    this.asked = 0;
    this.#load();
  }

  async #load() {
    clearTimeout(this.timer);
    await this.deliveries.run();
    const isWaiting = this.deliveries.items.some(isSoon);
    if (this.isConnected && this.isEnabled && this.asked++ < ASKED_MAX && (isWaiting || this.asked < 2)) {
      this.timer = window.setTimeout(() => this.#load(), ASK_AGAIN_MILLIS);
    }
  }

  /** @param {string | undefined} cursor */
  #path(cursor) {
    return withQuery(`/v1/webhooks/${this.webhookId}/deliveries`, {status: this.status, cursor});
  }

  render() {
    return html`<p class="fine" role="status">${this.said}</p>
      <problem-notice .problem=${this.problem}></problem-notice>
      ${this.deliveries.renderList((deliveries) => html`<div class="scroll"><table class="entries">
        <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">State</th><th scope="col" class="number">Attempts</th><th scope="col">Answer</th><th scope="col"><span class="hidden">Commands</span></th></tr></thead>
        <tbody>${deliveries.map((delivery) => this.#rows(delivery))}</tbody></table></div>`, () => this.#empty())}`;
  }

  #empty() {
    return this.status ? html`<p>No delivery is ${this.status}.</p>`
        : html`<p>Nothing has been delivered in the last 14 days. Send a test to see whether the receiver answers.</p>`;
  }

  /** @param {Delivery} delivery */
  #rows(delivery) {
    const isOpen = this.opened === delivery.deliveryId;
    return html`<tr>
        <td>${whenText(delivery.createdAt)}</td>
        <td><button type="button" class="link" aria-expanded=${isOpen} @click=${() => (this.opened = isOpen ? '' : delivery.deliveryId)}>${delivery.type === 'WebhookTest' ? 'Test' : eventWords(delivery.type)}</button></td>
        <td><span class="badge ${BADGES[delivery.status]}">${delivery.status}</span></td>
        <td class="number">${delivery.attempts}</td>
        <td>${delivery.responseStatus ?? (delivery.attempts > 0 ? html`<span class="muted">none</span>` : nothing)}</td>
        <td>${delivery.status === 'pending' || !this.isEnabled ? nothing : html`<button type="button" class="link" aria-label="Deliver again: ${delivery.deliveryId}"
          @click=${() => this.#redeliver(delivery)}>Deliver again</button>`}</td></tr>
      ${isOpen ? html`<tr class="details"><td colspan="6"><dl class="facts">
        <dt>Delivery</dt><dd><code>${delivery.deliveryId}</code> <small>(the <code>webhook-id</code> of each attempt)</small></dd>
        ${delivery.keyId ? html`<dt>Key</dt><dd><a href=${linkTo(`/keys/${delivery.keyId}`)}><code>${delivery.keyId}</code></a></dd>` : nothing}
        ${delivery.position ? html`<dt>Position</dt><dd>${delivery.position}</dd>` : nothing}
        <dt>Next attempt</dt><dd>${nextText(delivery)}</dd>
        <dt>Answer</dt><dd>${delivery.responseBody ? html`<pre tabindex="0" aria-label="Answer">${delivery.responseBody}</pre>` : html`<span class="muted">empty</span>`}</dd>
      </dl></td></tr>` : nothing}`;
  }

  /** @param {Delivery} delivery */
  #redeliver(delivery) {
    this.said = '';
    this.attempt(async () => {
      await request('POST', `/v1/webhooks/${this.webhookId}/deliveries/${delivery.deliveryId}/redeliver`);
      this.said = 'It will be delivered again, with the same id and body.';
      this.reload();
    });
  }
}

/** Returns whether an attempt is under way, or follows soon. @param {Delivery} delivery */
function isSoon({status, nextAttemptAt}) {
  return status === 'pending' && (!nextAttemptAt || Date.parse(nextAttemptAt) - Date.now() < ASKED_MAX * ASK_AGAIN_MILLIS);
}

/** @param {Delivery} delivery */
function nextText(delivery) {
  if (delivery.status !== 'pending') {
    return delivery.status === 'dead' ? 'none: the last retry failed' : 'none: it has arrived';
  }
  return delivery.nextAttemptAt ? html`<time-text .value=${delivery.nextAttemptAt}></time-text>`
      : 'under way, or after an earlier delivery about the same key';
}

customElements.define('delivery-rows', DeliveryRows);
