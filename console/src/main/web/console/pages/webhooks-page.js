/** The webhooks of the workspace. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {ask, reasonOf} from '../elements/command-dialog.js';
import {PageElement} from '../elements/console-element.js';
import {whenText} from '../elements/key-texts.js';
import {Paged} from '../elements/loading.js';
import {showOnce} from '../elements/secret-once.js';
import '../elements/webhook-fields.js';
import {filterText, targetOf, webhookBadge} from '../elements/webhook-texts.js';
import {goTo, linkTo} from '../routing/route.js';
import {webhookSnippets} from '../text/snippets.js';

/** @typedef {import('../elements/webhook-texts.js').Webhook} Webhook */

export class WebhooksPage extends PageElement {
  constructor() {
    super();
    /** @type {Paged<Webhook>} */
    this.webhooks = new Paged(this, (cursor, signal) => read('/v1/webhooks', {cursor}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.webhooks.run();
  }

  render() {
    return html`<div class="heading"><h1>Webhooks</h1><button type="button" class="small" @click=${this.#create}>Create a webhook</button></div>
      ${this.webhooks.renderList(table, () => this.#empty(), 4)}
      <command-dialog></command-dialog>`;
  }

  #empty() {
    return html`<article class="empty"><h2>No webhooks yet</h2>
      <p>A webhook tells a service of yours, or a person by mail, what happens to keys: a key is about to expire, was revoked, was leaked.
        Each delivery is signed, and is repeated for days until it arrives.</p>
      <button type="button" @click=${this.#create}>Create the first webhook</button></article>`;
  }

  #create() {
    ask(this, {
      title: 'Create a webhook',
      action: 'Create',
      fields: () => html`<webhook-fields></webhook-fields>`,
      check: () => this.#fields.check(),
      send: async (fields, headers) => {
        const body = Object.fromEntries(Object.entries(this.#fields.value).filter(([, value]) => value !== null));
        const {body: webhook} = await request('POST', '/v1/webhooks', {body: {...body, ...reasonOf(fields)}, headers});
        return () => this.#created(webhook);
      },
    });
  }

  /** @returns {import('../elements/webhook-fields.js').WebhookFields} */
  get #fields() {
    return /** @type {any} */ (this.querySelector('webhook-fields'));
  }

  /** @param {Webhook} webhook */
  async #created(webhook) {
    if (webhook.secret) {
      await showOnce({name: targetOf(webhook), secret: webhook.secret, snippets: webhookSnippets(webhook)});
    }
    goTo(linkTo(`/webhooks/${webhook.webhookId}`));
  }
}

/** @param {Webhook[]} webhooks */
function table(webhooks) {
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">Sends to</th><th scope="col">State</th><th scope="col">Receives</th><th scope="col">Created</th></tr></thead>
    <tbody>${webhooks.map((webhook) => html`<tr>
      <td><a class="name" href=${linkTo(`/webhooks/${webhook.webhookId}`)}>${targetOf(webhook)}</a></td>
      <td>${webhookBadge(webhook)}</td><td>${filterText(webhook)}</td><td>${whenText(webhook.createdAt)}</td>
    </tr>`)}</tbody></table></div>
    ${webhooks.length >= 100 ? html`<p class="fine">A workspace has at most 100 webhooks.</p>` : nothing}`;
}

customElements.define('webhooks-page', WebhooksPage);
