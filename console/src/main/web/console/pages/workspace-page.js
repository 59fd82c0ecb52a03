/** One workspace and its policy. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {problemOf} from '../api/problem.js';
import {ask, reasonOf} from '../elements/command-dialog.js';
import '../elements/command-receipt.js';
import {keepFocus, PageElement} from '../elements/console-element.js';
import {Loading} from '../elements/loading.js';
import '../elements/policy-fields.js';
import '../elements/time-text.js';
import {goTo} from '../routing/route.js';
import {session} from '../session/session.js';
import {signIn} from '../session/sign-in.js';
import {POLICY_FIELDS, policyLabel, policyText} from '../text/changes.js';
import {workspaceBadge} from './workspaces-page.js';

/** @typedef {import('./workspaces-page.js').Workspace} Workspace */

export class WorkspacePage extends PageElement {
  static properties = {done: {state: true}};

  constructor() {
    super();
    this.done = {what: '', token: ''};
    /** @type {Loading<Workspace>} */
    this.workspace = new Loading(this, (signal) => read(this.#path(), {}, signal));
  }

  connectedCallback() {
    super.connectedCallback();
    this.workspace.run();
  }

  #path() {
    return `/v1/workspaces/${encodeURIComponent(this.parameters.workspace)}`;
  }

  render() {
    return this.workspace.render((workspace) => html`
      <div class="heading"><h1>${workspace.workspace}</h1>${workspaceBadge(workspace.status)}</div>
      <command-receipt .what=${this.done.what} .token=${this.done.token}></command-receipt>
      <problem-notice .problem=${this.problem}></problem-notice>
      <div class="actions">
        ${workspace.workspace === session.self?.workspace ? nothing : html`<button type="button" class="secondary outline" @click=${() => this.#enter(workspace)}>Go into it</button>`}
        ${workspace.status === 'open' ? html`<button type="button" class="secondary outline" @click=${() => this.#change(workspace)}>Change the policy</button>` : nothing}
        ${workspace.status === 'open' && workspace.workspace !== 'default' ? html`<button type="button" class="danger" @click=${() => this.#close(workspace)}>Close</button>` : nothing}
      </div>
      ${workspace.closedAt ? html`<p class="notice">It was closed <time-text .value=${workspace.closedAt}></time-text>: checks do not know its keys, and its operators are
        not accepted. The root key can still read its keys and its audit, and revoke.</p>` : nothing}
      <section aria-labelledby="policy-title"><h2 id="policy-title">Policy</h2>
        <p>What commands in this workspace may ask for. Keys keep what they got when they were issued.</p>
        <dl class="facts">
          ${POLICY_FIELDS.map((name) => html`<dt>${policyLabel(name)}</dt><dd>${policyText(name, /** @type {any} */ (workspace.policy)[name])}</dd>`)}
          ${workspace.createdAt ? html`<dt>Opened</dt><dd><time-text .value=${workspace.createdAt}></time-text></dd>` : nothing}
        </dl></section>
      <command-dialog></command-dialog>`, 8);
  }

  /** @param {import('../elements/command-dialog.js').DialogCommand} command */
  #ask(command) {
    this.done = {what: '', token: ''};
    return ask(this, {...command, send: (fields, headers) => command.send(fields, headers).catch((thrown) => this.#refused(thrown))});
  }

  /** Looks again at a workspace that somebody else has changed. @param {unknown} thrown */
  #refused(thrown) {
    if (problemOf(thrown).code === 'version-mismatch') {
      this.workspace.run();
    }
    throw thrown;
  }

  /** @param {Workspace} workspace */
  #change(workspace) {
    const fields = () => /** @type {import('../elements/policy-fields.js').PolicyFields} */ (this.querySelector('policy-fields'));
    this.#ask({
      title: `Policy of ${workspace.workspace}`,
      action: 'Change',
      fields: () => html`<policy-fields .policy=${workspace.policy}></policy-fields>`,
      check: () => fields().check(),
      send: async (form, headers) => {
        const policy = fields().value;
        if (Object.keys(policy).length === 0) {
          this.done = {what: 'Nothing is changed: the policy says that already.', token: ''};
          return;
        }
        const answer = await request('PATCH', this.#path(), {
          body: {policy, ...reasonOf(form)}, headers: {...headers, 'If-Match': `"${workspace.version}"`}});
        await this.#isDone(`Changed: ${Object.keys(policy).map((name) => `${policyLabel(name).toLowerCase()} ${policyText(name, workspace.policy[/** @type {'maxKeys'} */ (name)])} → ${policyText(name, policy[name])}`).join('; ')}.`, answer);
      },
    });
  }

  /** @param {Workspace} workspace */
  #close(workspace) {
    this.#ask({
      title: `Close ${workspace.workspace}`,
      action: 'Close',
      isDangerous: true,
      fields: () => html`<p class="notice"><strong>Every check refuses every key of ${workspace.workspace} at once, and nobody can open it again.</strong>
          The name is never used again. Its audit stays.</p>
        <label>Write its name to confirm<input name="confirmation" required pattern=${workspace.workspace} title=${workspace.workspace} autocomplete="off" spellcheck="false"></label>`,
      send: async (form, headers) => {
        const answer = await request('POST', `${this.#path()}/close`, {
          body: reasonOf(form), headers: {...headers, 'If-Match': `"${workspace.version}"`}});
        await this.#isDone('The workspace is closed.', answer);
      },
    });
  }

  /** @param {string} what @param {import('../api/api.js').Answer<Workspace>} answer */
  async #isDone(what, answer) {
    this.done = {what, token: answer.headers.get('Keyledger-Position') ?? ''};
    await this.workspace.run();
    await this.updateComplete;
    keepFocus(this.querySelector('.receipt'));
  }

  /** @param {Workspace} workspace */
  #enter(workspace) {
    this.attempt(async () => {
      await signIn(session.key, workspace.workspace);
      goTo('#/');
    });
  }
}

customElements.define('workspace-page', WorkspacePage);
