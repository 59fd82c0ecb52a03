/** Who may act in the workspace, and how far. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {PageElement} from '../elements/console-element.js';
import {actorText, expiryText, lastUseText, ownerText, statusBadge} from '../elements/key-texts.js';
import {Paged} from '../elements/loading.js';
import {grantedBy, isOwn, OPERATOR_PERMISSIONS, USUAL_OPERATORS} from '../permissions/patterns.js';
import {goTo, linkTo} from '../routing/route.js';
import {session} from '../session/session.js';

const LIVING = ['active', 'not-yet-active', 'suspended', 'expired'];

export class OperatorsPage extends PageElement {
  constructor() {
    super();
    /** @type {boolean | null} whether the list has dead operators; null before the first */
    this.listed = null;
    /** @type {Paged<Key>} */
    this.operators = new Paged(this, (cursor, signal) => read('/v1/keys',
        {permission: OPERATOR_PERMISSIONS, status: this.#hasDead() ? [] : LIVING, cursor}, signal));
  }

  #hasDead() {
    return this.route.params.get('dead') === 'true';
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has('route') && this.#hasDead() !== this.listed) {
      this.listed = this.#hasDead();
      this.operators.clear();
      this.operators.run();
    }
  }

  render() {
    return html`<h1>Operators</h1>
      <p>An operator is a key that holds permissions of Keyledger's own. It acts in its workspace, as far as they reach.</p>
      <label><input type="checkbox" .checked=${this.#hasDead()} @change=${this.#showDead}> Show revoked ones, too</label>
      ${this.operators.renderList(table, () => html`<article class="empty"><h2>No operators yet</h2>
        <p>Only the root key acts here. Give each person and service a key of their own, with as little as they need: the audit then tells them apart.</p></article>`)}
      ${this.operators.value ? html`<p class="fine">A key that holds grants alone, and nothing that it could use them for, is not listed.</p>` : nothing}
      <section aria-labelledby="usual-title"><h2 id="usual-title">Usual operators</h2>
        <ul class="cards">${USUAL_OPERATORS.map(usual)}</ul></section>
      <section aria-labelledby="ceilings-title"><h2 id="ceilings-title">Ceilings</h2>
        <ul>
          <li>An operator puts on a key only what it holds a <code>keyledger:grant:</code> for: <code>keyledger:grant:read:*</code> allows <code>read:users</code>.</li>
          <li>It puts permissions of Keyledger's own on a key only if it holds them itself. So nobody makes an operator that may do more.</li>
          <li>To issue, renew, rotate, resume or change a key, it must cover what the key holds before and after. To suspend, to revoke and to close an overlap, it need not.</li>
          <li>An operator that another one issued lives no longer, and is used from nowhere else. It is valid only while its issuer is, unless the policy of the
            workspace says otherwise. Those that the root key issued have no such bond.</li>
        </ul></section>`;
  }

  /** @param {Event} event */
  #showDead(event) {
    const dead = /** @type {HTMLInputElement} */ (event.target).checked;
    goTo(linkTo('/operators', {dead: dead ? 'true' : ''}), {replace: true});
  }
}

/** @param {Key[]} operators */
function table(operators) {
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">Operator</th><th scope="col">Owner</th><th scope="col">State</th><th scope="col">Permissions</th><th scope="col">Issued by</th><th scope="col">Expires</th><th scope="col">Last used</th></tr></thead>
    <tbody>${operators.map((key) => html`<tr>
      <td><a class="name" href=${linkTo(`/operators/${key.keyId}`)}>${key.name}</a>${key.keyId === session.self?.keyId ? html` <small>you</small>` : nothing}</td>
      <td>${ownerText(key.owner)}</td><td>${statusBadge(key.status)}</td>
      <td><ul class="permissions">${key.permissions.filter(isOwn).map((one) => html`<li><code>${one.slice('keyledger:'.length)}</code></li>`)}</ul></td>
      <td>${key.issuedBy.id ? actorText(key.issuedBy) : 'the root key'}</td>
      <td>${expiryText(key)}</td><td>${lastUseText(key)}</td>
    </tr>`)}</tbody></table></div>`;
}

/** @param {[string, string, string[]]} usual */
function usual([name, what, permissions]) {
  const isWithin = session.isRoot() || permissions.every((one) => grantedBy(session.self?.permissions ?? [], one) !== undefined);
  const content = html`<strong>${name}</strong><span>${what}</span><small>${permissions.map((one) => html`<code>${one}</code> `)}</small>`;
  if (!session.may('keys:issue')) {
    return html`<li><div class="card plain">${content}</div></li>`;
  }
  return isWithin ? html`<li><a class="card plain" href=${linkTo('/issue', {permission: permissions})}>${content}</a></li>`
      : html`<li><div class="card plain">${content}<small>Above your ceiling.</small></div></li>`;
}

customElements.define('operators-page', OperatorsPage);
