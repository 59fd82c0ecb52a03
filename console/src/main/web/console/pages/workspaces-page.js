/** All workspaces, for the root key. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {ask, reasonOf} from '../elements/command-dialog.js';
import {PageElement} from '../elements/console-element.js';
import {whenText} from '../elements/key-texts.js';
import {Paged} from '../elements/loading.js';
import {goTo, linkTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {policyText} from '../text/changes.js';

/**
 * @typedef {object} Workspace
 * @property {string} workspace
 * @property {'open' | 'closed'} status
 * @property {import('../elements/policy-fields.js').Policy} policy
 * @property {string} [createdAt] absent for `default`
 * @property {string} [closedAt]
 * @property {number} version
 */

export class WorkspacesPage extends PageElement {
  constructor() {
    super();
    /** @type {Paged<Workspace>} */
    this.workspaces = new Paged(this, (cursor, signal) => read('/v1/workspaces', {cursor}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.workspaces.run();
  }

  render() {
    return html`<div class="heading"><h1>Workspaces</h1><button type="button" class="small" @click=${this.#open}>Open a workspace</button></div>
      <p>A workspace has its own keys, operators, policy and audit. Nothing of one is seen in another; only the root key reaches all.</p>
      ${this.workspaces.renderList(table, () => nothing, 4)}
      <command-dialog></command-dialog>`;
  }

  #open() {
    ask(this, {
      title: 'Open a workspace',
      action: 'Open',
      fields: () => html`<label>Name<input name="workspace" required pattern="[a-z][a-z0-9\\-]{1,62}" title="2 to 63 lower-case letters, digits and hyphens, a letter first" placeholder="acme" spellcheck="false">
        <small>Forever: it cannot be changed, and is never used again. The policy can be changed on the next page.</small></label>`,
      send: async (fields, headers) => {
        const {body} = await request('POST', '/v1/workspaces', {body: {workspace: fields.get('workspace'), ...reasonOf(fields)}, headers});
        goTo(linkTo(`/workspaces/${body.workspace}`));
      },
    });
  }
}

/** @param {Workspace[]} workspaces */
function table(workspaces) {
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">Workspace</th><th scope="col">State</th><th scope="col">Usual lifetime</th><th scope="col">Longest</th><th scope="col">Keys may hold</th><th scope="col">Opened</th></tr></thead>
    <tbody>${workspaces.map(({workspace, status, policy, createdAt}) => html`<tr>
      <td><a href=${linkTo(`/workspaces/${workspace}`)}>${workspace}</a>${workspace === session.self?.workspace ? html` <small>you are here</small>` : nothing}</td>
      <td>${workspaceBadge(status)}</td>
      <td>${policyText('defaultLifetime', policy.defaultLifetime)}</td>
      <td>${policy.allowNoExpiry ? 'without expiry' : policyText('maxLifetime', policy.maxLifetime)}</td>
      <td>${policyText('allowedPermissions', policy.allowedPermissions)}</td>
      <td>${createdAt ? whenText(createdAt) : html`<span class="muted">from the start</span>`}</td>
    </tr>`)}</tbody></table></div>`;
}

/** @param {Workspace['status']} status */
export function workspaceBadge(status) {
  return html`<span class="badge ${status === 'open' ? 'active' : 'revoked'}">${status}</span>`;
}

customElements.define('workspaces-page', WorkspacesPage);
