/** One operator: what it may do, what it may put on keys, and on whom it depends. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import '../elements/ceiling-trial.js';
import {PageElement} from '../elements/console-element.js';
import {actorText, expiryText, lastUseText, ownerText, statusBadge, whenText} from '../elements/key-texts.js';
import {Loading, Paged} from '../elements/loading.js';
import {allowedBy, grantsOf, OWN_PERMISSIONS} from '../permissions/patterns.js';
import {linkTo} from '../routing/route.js';
import {session} from '../session/session.js';

/** @typedef {{keyId: string, issuedBy: Actor, depth: number, name: string, owner: Owner, status: string, createdAt: string}} Descendant */
/** @typedef {{issuers: Actor[], data: Descendant[], nextCursor?: string}} Lineage */

export class OperatorPage extends PageElement {
  static properties = {issuers: {state: true}};

  constructor() {
    super();
    /** The operators above it, up to the root key. @type {Key[]} */
    this.issuers = [];
    /** @type {Loading<Key>} */
    this.key = new Loading(this, (signal) => this.#load(signal));
    /** @type {Paged<Descendant>} */
    this.descendants = new Paged(this, (cursor, signal) => read(`/v1/keys/${encodeURIComponent(this.parameters.keyId)}/lineage`, {cursor}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.key.run();
    if (session.may('audit:read')) {
      this.descendants.run();
    }
  }

  /** Loads the operator, and those above it. @param {AbortSignal} signal */
  async #load(signal) {
    /** @type {Key} */
    const key = await read(`/v1/keys/${encodeURIComponent(this.parameters.keyId)}`, {}, signal);
    const issuers = [];
    for (let above = key.issuedBy; above.type === 'operator' && above.id;) {
      /** @type {Key} */
      const issuer = await read(`/v1/keys/${above.id}`, {}, signal);
      issuers.push(issuer);
      above = issuer.issuedBy;
    }
    this.issuers = issuers;
    return key;
  }

  render() {
    return this.key.render((key) => html`
      <div class="heading"><h1>${key.name}</h1><span>${statusBadge(key.status)}</span></div>
      <div class="actions">
        <a role="button" class="secondary outline" href=${linkTo(`/keys/${key.keyId}`)}>Its key, and commands on it</a>
        ${session.may('audit:read') ? html`<a role="button" class="secondary outline" href=${linkTo('/audit', {actor: `operator:${key.keyId}`})}>What it did</a>` : nothing}
      </div>
      <div class="split"><div>
        <section aria-labelledby="may-title"><h2 id="may-title">It may</h2>${rights(key)}</section>
        <section aria-labelledby="bonds-title"><h2 id="bonds-title">As long as</h2>${this.#bonds(key)}</section>
      </div><div>
        <section aria-labelledby="ceiling-title"><h2 id="ceiling-title">Its ceiling</h2>${ceiling(key)}
          <ceiling-trial .held=${key.permissions}></ceiling-trial></section>
        ${session.may('audit:read') ? html`<section aria-labelledby="descendants-title"><h2 id="descendants-title">Keys that come from it</h2>
          ${this.descendants.renderList(descendantsTable, () => html`<p>None.</p>`, 3)}</section>` : nothing}
      </div></div>`, 10);
  }

  /** @param {Key} key */
  #bonds(key) {
    return html`<ul>
      <li>its own key is valid: ${statusBadge(key.status)}, expires ${expiryText(key)}, last used ${lastUseText(key)}</li>
      <li>it is used from ${key.ipAllowList.length > 0 ? html`<code>${key.ipAllowList.join(', ')}</code>` : 'any address'}</li>
      ${this.issuers.map((issuer) => html`<li>its issuer <a href=${linkTo(`/operators/${issuer.keyId}`)}>${issuer.name}</a> is valid: ${statusBadge(issuer.status)}, expires
        ${expiryText(issuer)}${issuer.ipAllowList.length > 0 ? html`, and it is used from <code>${issuer.ipAllowList.join(', ')}</code>` : nothing}</li>`)}
      <li>${this.issuers.length > 0 ? 'The root key issued the last of these.' : html`${key.issuedBy.type === 'root' ? 'The root key issued it: no other operator' : html`Issued by ${actorText(key.issuedBy)}: nobody`} can end it but by revoking it.`}</li>
    </ul>
    ${this.issuers.length > 0 ? html`<p class="fine">If the policy lets operators outlive their issuer, the issuers do not matter.</p>` : nothing}`;
  }
}

/** @param {Key} key */
function rights({permissions}) {
  const allowed = OWN_PERMISSIONS.map(([permission, words]) => ({words, by: allowedBy(permissions, permission)}));
  const not = allowed.filter(({by}) => by === undefined);
  return html`<ul class="conditions">${allowed.filter(({by}) => by !== undefined).map(({words, by}) => html`<li class="passed"><span>${words}
      <small>by <code>${by}</code></small></span></li>`)}</ul>
    ${not.length > 0 ? html`<p class="fine">It may not: ${not.map(({words}) => words).join('; ')}.</p>` : nothing}`;
}

/** @param {Key} key */
function ceiling({permissions}) {
  const grants = grantsOf(permissions);
  return html`<p>${grants.length === 0 ? 'It holds no grant: it can put no permission on a key, but those of Keyledger\'s own that it holds.'
      : html`It can put on a key what ${grants.length === 1 ? 'this covers' : 'these cover'}, and those of Keyledger's own that it holds:`}</p>
    ${grants.length === 0 ? nothing : html`<ul class="permissions">${grants.map((one) => html`<li><code>${one}</code></li>`)}</ul>`}`;
}

/** @param {Descendant[]} descendants */
function descendantsTable(descendants) {
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">Key</th><th scope="col">Owner</th><th scope="col">State</th><th scope="col">Steps</th><th scope="col">Issued</th></tr></thead>
    <tbody>${descendants.map((one) => html`<tr><td><a class="name" href=${linkTo(`/keys/${one.keyId}`)}>${one.name}</a></td>
      <td>${ownerText(one.owner)}</td><td>${statusBadge(one.status)}</td><td>${one.depth}</td><td>${whenText(one.createdAt)}</td></tr>`)}</tbody></table></div>`;
}

customElements.define('operator-page', OperatorPage);
