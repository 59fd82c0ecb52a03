/** Issues a key. */
import {html, nothing} from 'lit';
import {newIdempotencyKey, read, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {ConsoleElement} from '../elements/console-element.js';
import '../elements/expiry-field.js';
import '../elements/ip-list-field.js';
import '../elements/metadata-field.js';
import '../elements/owner-field.js';
import '../elements/permissions-field.js';
import '../elements/problem-notice.js';
import '../elements/secret-once.js';
import {goTo, linkTo} from '../routing/route.js';
import {session} from '../session/session.js';

/** @typedef {import('../api/types.js').Key} Key */

/** How many of the latest keys are looked at for suggestions. */
const SUGGESTING_KEYS = 200;

const NO_METADATA = Object.freeze({});

export class IssuePage extends ConsoleElement {
  static properties = {route: {attribute: false}, like: {state: true}, known: {state: true}, busy: {state: true}, problem: {state: true}};

  constructor() {
    super();
    /** @type {import('../routing/route.js').Route | null} */
    this.route = null;
    /** @type {Key | null} the key that this one shall be like */
    this.like = null;
    this.known = {permissions: /** @type {string[]} */ ([]), owners: /** @type {string[]} */ ([])};
    this.busy = false;
    /** @type {import('../api/types.js').Problem | null} */
    this.problem = null;
    /** The permissions that the address names. @type {string[]} */
    this.named = [];
    /** Makes a repeated request the same one, so that no second key is issued. */
    this.idempotencyKey = newIdempotencyKey();
  }

  connectedCallback() {
    super.connectedCallback();
    this.#loadSuggestions();
    this.named = this.route?.params.getAll('permission') ?? [];
    const like = this.route?.params.get('like');
    if (like) {
      this.#loadLike(like);
    }
  }

  async #loadSuggestions() {
    if (session.may('keys:read')) {
      try {
        /** @type {import('../api/types.js').Page<Key>} */
        const page = await read('/v1/keys', {limit: String(SUGGESTING_KEYS)});
        this.known = {
          permissions: [...new Set(page.data.flatMap((key) => key.permissions))].sort(),
          owners: [...new Set(page.data.map((key) => key.owner.id))].sort(),
        };
      } catch {
        // The form works without suggestions.
      }
    }
  }

  /** @param {string} keyId */
  async #loadLike(keyId) {
    try {
      this.like = await read(`/v1/keys/${encodeURIComponent(keyId)}`);
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  render() {
    const like = this.like;
    return html`<h1>Issue a key</h1>
      ${like ? html`<p class="notice">Filled in like <a href=${linkTo(`/keys/${like.keyId}`)}>${like.name}</a>.</p>` : nothing}
      <form class="narrow" @submit=${this.#submit} autocomplete="off">
        <label>Name<input name="name" required maxlength="100" .value=${like?.name ?? ''} placeholder="Nightly report" aria-describedby="name-help"></label>
        <small id="name-help" class="help">For people: what it is for. No personal data.</small>
        <owner-field .owner=${like?.owner ?? {type: 'service', id: ''}} .known=${this.known.owners}></owner-field>
        <permissions-field .given=${like?.permissions ?? this.named} .known=${this.known.permissions}></permissions-field>
        <expiry-field></expiry-field>
        <fieldset class="inline"><legend>Environment</legend>
          ${['live', 'test'].map((environment) => html`<label><input type="radio" name="environment" value=${environment}
            ?checked=${environment === (like?.environment ?? 'live')}>${environment}</label>`)}</fieldset>
        <details ?open=${like !== null && like.ipAllowList.length + Object.keys(like.metadata).length > 0}>
          <summary>Addresses, metadata, start, reason</summary>
          <ip-list-field .ranges=${like?.ipAllowList ?? []}></ip-list-field>
          <metadata-field .metadata=${like?.metadata ?? NO_METADATA}></metadata-field>
          <label>Not valid before <small>(empty for now)</small><input type="datetime-local" name="notBefore"></label>
          <label>Reason <small>(kept in the record)</small><input name="reason" maxlength="500"></label>
        </details>
        ${this.problem ? html`<problem-notice .problem=${this.problem}></problem-notice>` : nothing}
        <button type="submit" aria-busy=${this.busy}>Issue</button>
      </form>
      <secret-once></secret-once>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const permissions = /** @type {import('../elements/permissions-field.js').PermissionsField} */ (this.querySelector('permissions-field'));
    const addresses = /** @type {import('../elements/ip-list-field.js').IpListField} */ (this.querySelector('ip-list-field'));
    if (this.busy || !permissions.add() || !addresses.check()) {
      return;
    }
    await permissions.updateComplete;
    this.busy = true;
    this.problem = null;
    try {
      const {body: key} = await request('POST', '/v1/keys', {
        body: this.#body(/** @type {HTMLFormElement} */ (event.target)),
        headers: {'Idempotency-Key': this.idempotencyKey},
      });
      this.busy = false;
      await /** @type {import('../elements/secret-once.js').SecretOnce} */ (this.querySelector('secret-once')).show(key);
      goTo(session.may('keys:read') ? linkTo(`/keys/${key.keyId}`) : '#/');
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
    this.busy = false;
  }

  /** @param {HTMLFormElement} form */
  #body(form) {
    const fields = new FormData(form);
    /** @param {string} name */
    const valueOf = (name) => /** @type {any} */ (this.querySelector(name)).value;
    const notBefore = String(fields.get('notBefore') ?? '');
    const reason = String(fields.get('reason') ?? '').trim();
    const ipAllowList = valueOf('ip-list-field');
    const metadata = valueOf('metadata-field');
    return {
      name: String(fields.get('name')).trim(),
      owner: valueOf('owner-field'),
      permissions: valueOf('permissions-field'),
      environment: fields.get('environment'),
      ...valueOf('expiry-field'),
      ...(ipAllowList.length > 0 && {ipAllowList}),
      ...(Object.keys(metadata).length > 0 && {metadata}),
      ...(notBefore && {notBefore: new Date(notBefore).toISOString()}),
      ...(reason && {reason}),
    };
  }
}

customElements.define('issue-page', IssuePage);
