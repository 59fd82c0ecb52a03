/** Issues a key. */
import {html, nothing} from 'lit';
import {idempotencyKeyOf, read, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {fieldsOf, PageElement} from '../elements/console-element.js';
import '../elements/expiry-field.js';
import '../elements/ip-list-field.js';
import '../elements/metadata-field.js';
import '../elements/owner-field.js';
import '../elements/permissions-field.js';
import '../elements/problem-notice.js';
import {showOnce} from '../elements/secret-once.js';
import {goTo, linkTo} from '../routing/route.js';
import {session} from '../session/session.js';

/** How many of the latest keys are looked at for suggestions. */
const SUGGESTING_KEYS = 200;

const NO_METADATA = Object.freeze({});

export class IssuePage extends PageElement {
  static properties = {like: {state: true}, known: {state: true}};

  constructor() {
    super();
    /** @type {Key | null} the key that this one shall be like */
    this.like = null;
    this.known = {permissions: /** @type {string[]} */ ([]), owners: /** @type {string[]} */ ([])};
    /** The permissions that the address names. @type {string[]} */
    this.named = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.#loadSuggestions();
    this.named = this.route.params.getAll('permission');
    const like = this.route.params.get('like');
    if (like) {
      this.#loadLike(like);
    }
  }

  async #loadSuggestions() {
    if (session.may('keys:read')) {
      try {
        /** @type {Page<Key>} */
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
        <problem-notice .problem=${this.problem}></problem-notice>
        <button type="submit" aria-busy=${this.busy}>Issue</button>
      </form>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    const fields = fieldsOf(event);
    const permissions = /** @type {import('../elements/permissions-field.js').PermissionsField} */ (this.querySelector('permissions-field'));
    const addresses = /** @type {import('../elements/ip-list-field.js').IpListField} */ (this.querySelector('ip-list-field'));
    if (!permissions.add() || !addresses.check()) {
      return;
    }
    await permissions.updateComplete;
    this.attempt(async () => {
      const {body: key} = await request('POST', '/v1/keys', {
        body: this.#body(fields),
        headers: {'Idempotency-Key': idempotencyKeyOf(event, 'issue')}, // so that no second key is issued
      });
      await showOnce(key);
      if (this.isConnected) {
        goTo(session.may('keys:read') ? linkTo(`/keys/${key.keyId}`) : '#/');
      }
    });
  }

  /** @param {Record<string, string>} fields */
  #body({name, environment, notBefore, reason}) {
    /** @param {string} element */
    const valueOf = (element) => /** @type {any} */ (this.querySelector(element)).value;
    const ipAllowList = valueOf('ip-list-field');
    const metadata = valueOf('metadata-field');
    return {
      name,
      owner: valueOf('owner-field'),
      permissions: valueOf('permissions-field'),
      environment,
      ...valueOf('expiry-field'),
      ...(ipAllowList.length > 0 && {ipAllowList}),
      ...(Object.keys(metadata).length > 0 && {metadata}),
      ...(notBefore && {notBefore: new Date(notBefore).toISOString()}),
      ...(reason && {reason}),
    };
  }
}

customElements.define('issue-page', IssuePage);
