/** One webhook: what it receives, its deliveries, and the commands on it. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {ask, reasonOf} from '../elements/command-dialog.js';
import {PageElement} from '../elements/console-element.js';
import '../elements/delivery-rows.js';
import {Loading} from '../elements/loading.js';
import {showOnce} from '../elements/secret-once.js';
import '../elements/time-text.js';
import '../elements/webhook-fields.js';
import {filterText, targetOf, webhookBadge} from '../elements/webhook-texts.js';
import {goTo} from '../routing/route.js';
import {webhookSnippets} from '../text/snippets.js';

/** @typedef {import('../elements/webhook-texts.js').Webhook} Webhook */
/** @typedef {import('../elements/command-dialog.js').DialogCommand} DialogCommand */

export class WebhookPage extends PageElement {
  static properties = {status: {state: true}, said: {state: true}};

  constructor() {
    super();
    this.status = '';
    this.said = '';
    /** @type {Loading<Webhook>} */
    this.webhook = new Loading(this, (signal) => read(this.#path(), {}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.webhook.run();
  }

  #path() {
    return `/v1/webhooks/${encodeURIComponent(this.parameters.webhookId)}`;
  }

  render() {
    return this.webhook.render((webhook) => html`
      <h1>${targetOf(webhook)}</h1>
      <div class="receipt" role="status" ?hidden=${!this.said}><p>${this.said}</p></div>
      <problem-notice .problem=${this.problem}></problem-notice>
      <div class="actions">
        ${webhook.enabled ? html`<button type="button" class="secondary outline" @click=${this.#test}>Send a test</button>` : nothing}
        <button type="button" class="secondary outline" @click=${() => this.#change(webhook)}>Change</button>
        <button type="button" class="secondary outline" @click=${() => this.#enable(webhook)}>${webhook.enabled ? 'Disable' : 'Enable'}</button>
        ${webhook.kind === 'http' ? html`<button type="button" class="secondary outline" @click=${() => this.#rotate(webhook)}>Make another secret</button>` : nothing}
        <button type="button" class="danger" @click=${() => this.#delete(webhook)}>Delete</button>
      </div>
      <section aria-labelledby="facts-title"><h2 id="facts-title">Now</h2><dl class="facts">
        <dt>State</dt><dd>${webhookBadge(webhook)}</dd>
        <dt>Receives</dt><dd>${filterText(webhook)}</dd>
        <dt>Id</dt><dd><code>${webhook.webhookId}</code></dd>
        ${webhook.publicKey ? html`<dt>Public key</dt><dd><code>${webhook.publicKey}</code></dd>` : nothing}
        ${webhook.overlapEndsAt ? html`<dt>Earlier secret</dt><dd>signs too, and ends <time-text .value=${webhook.overlapEndsAt}></time-text></dd>` : nothing}
        <dt>Created</dt><dd><time-text .value=${webhook.createdAt}></time-text></dd>
      </dl></section>
      <section aria-labelledby="deliveries-title"><h2 id="deliveries-title">Deliveries of the last 14 days</h2>
        <fieldset class="tabs"><legend class="hidden">State</legend>${['', 'pending', 'delivered', 'dead'].map((status) => html`<button type="button"
          class="outline small ${status === this.status ? '' : 'secondary'}" aria-pressed=${status === this.status} @click=${() => (this.status = status)}>${status || 'all'}</button>`)}
          <button type="button" class="outline secondary small" @click=${() => this.#deliveries.reload()}>Look again</button></fieldset>
        <delivery-rows .webhookId=${webhook.webhookId} .isEnabled=${webhook.enabled} .status=${this.status}></delivery-rows></section>
      <command-dialog></command-dialog>`, 8);
  }

  /** @returns {import('../elements/delivery-rows.js').DeliveryRows} */
  get #deliveries() {
    return /** @type {any} */ (this.querySelector('delivery-rows'));
  }

  /** @param {DialogCommand} command */
  #ask(command) {
    this.said = '';
    this.problem = null;
    return ask(this, command);
  }

  #test() {
    this.said = '';
    this.attempt(async () => {
      await request('POST', `${this.#path()}/test`);
      this.said = 'A test is on its way: its delivery is listed below.';
      this.status = '';
      this.#deliveries.reload();
    });
  }

  /** @param {Webhook} webhook */
  #change(webhook) {
    const fields = () => /** @type {import('../elements/webhook-fields.js').WebhookFields} */ (this.querySelector('webhook-fields'));
    this.#ask({
      title: 'Change the webhook',
      action: 'Change',
      fields: () => html`<p>Later events follow the change.</p><webhook-fields .webhook=${webhook}></webhook-fields>`,
      check: () => fields().check(),
      send: (form, headers) => this.#patch({...fields().value, ...reasonOf(form)}, headers, 'The webhook is changed.'),
    });
  }

  /** @param {Webhook} webhook */
  #enable(webhook) {
    const enabled = !webhook.enabled;
    this.#ask({
      title: enabled ? 'Enable the webhook' : 'Disable the webhook',
      action: enabled ? 'Enable' : 'Disable',
      fields: () => html`<p>${enabled ? 'It receives what happens from now on. What it has missed is in the export of the audit.'
          : 'It misses what happens until it is enabled. Deliveries that are pending wait.'}</p>`,
      send: (form, headers) => this.#patch({enabled, ...reasonOf(form)}, headers, enabled ? 'The webhook is enabled.' : 'The webhook is disabled.'),
    });
  }

  /** @param {Record<string, unknown>} body @param {Record<string, string>} headers @param {string} said */
  async #patch(body, headers, said) {
    await request('PATCH', this.#path(), {body, headers});
    this.said = said;
    await this.webhook.run();
  }

  /** @param {Webhook} webhook */
  #rotate(webhook) {
    this.#ask({
      title: 'Make another signing secret',
      action: 'Make it',
      fields: () => html`<p>The new secret is shown once. Until the overlap ends, both sign, so that the receiver can be changed meanwhile.</p>
        <label>The earlier secret signs for<select name="overlap">${[['PT0S', 'no longer'], ['PT1H', 'one hour'], ['P1D', 'one day'], ['P7D', '7 days'], ['P30D', '30 days']].map(([value, label]) => html`<option
          value=${value} ?selected=${value === 'P1D'}>${label}</option>`)}</select></label>`,
      send: async (form, headers) => {
        const {body} = await request('POST', `${this.#path()}/rotate-secret`, {body: {overlap: form.get('overlap'), ...reasonOf(form)}, headers});
        this.said = 'The webhook has another secret.';
        this.webhook.run();
        return () => showOnce({name: targetOf(webhook), secret: body.secret, snippets: webhookSnippets(webhook)});
      },
    });
  }

  /** @param {Webhook} webhook */
  #delete(webhook) {
    this.#ask({
      title: 'Delete the webhook',
      action: 'Delete',
      isDangerous: true,
      fields: () => html`<p class="notice"><strong>${targetOf(webhook)} receives nothing any more.</strong> Its deliveries are deleted too, those that are pending as well.
        To stop it for a while, disable it.</p>`,
      send: async (form, headers) => {
        await request('DELETE', this.#path(), {body: reasonOf(form), headers});
        goTo('#/webhooks');
      },
    });
  }
}

customElements.define('webhook-page', WebhookPage);
