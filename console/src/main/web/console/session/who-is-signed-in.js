/** Who is signed in, in which workspace, and with which rights. */
import {html, nothing} from 'lit';
import {read} from '../api/api.js';
import {AskingElement, fieldsOf} from '../elements/console-element.js';
import '../elements/problem-notice.js';
import {linkTo} from '../routing/route.js';
import {session} from './session.js';
import {signIn} from './sign-in.js';

export class WhoIsSignedIn extends AskingElement {
  static properties = {workspaces: {state: true}};

  constructor() {
    super();
    /** @type {string[]} */
    this.workspaces = [];
  }

  render() {
    const self = session.self;
    if (!self) {
      return nothing;
    }
    const name = self.name ?? 'Root key';
    return html`
      <button type="button" class="who" popovertarget="who" title="Who is signed in">
        <span>${name}</span> <small>in ${self.workspace}</small></button>
      <div id="who" popover class="panel" @toggle=${this.#opened}>
        <h2>${name}</h2>
        ${self.keyId
            ? html`<p><a href=${linkTo(`/keys/${self.keyId}`)}><code>${self.keyId}</code></a><br>
                ${self.owner?.type} <strong>${self.owner?.id}</strong></p>`
            : html`<p>May do everything, in every workspace.</p>`}
        <p>Workspace <strong>${self.workspace}</strong></p>
        ${session.isRoot() ? this.#moveForm() : nothing}
        <p>Permissions</p>
        <ul class="permissions">${self.permissions.map((permission) => html`<li><code>${permission}</code></li>`)}</ul>
        <button type="button" class="secondary" @click=${() => session.end('signed-out')}>Sign out</button>
      </div>`;
  }

  #moveForm() {
    return html`<form @submit=${this.#move}>
      <label>Go to another workspace
        <input name="workspace" list="workspaces" required pattern="[a-z][a-z0-9\\-]{1,62}" autocomplete="off">
      </label>
      <datalist id="workspaces">${this.workspaces.map((name) => html`<option value=${name}></option>`)}</datalist>
      <problem-notice .problem=${this.problem}></problem-notice>
      <button type="submit" class="secondary outline">Go</button>
    </form>`;
  }

  /** @param {ToggleEvent} event */
  async #opened(event) {
    if (event.newState === 'open' && session.isRoot()) {
      try {
        /** @type {Page<{workspace: string}>} */
        const page = await read('/v1/workspaces', {limit: '200'});
        this.workspaces = page.data.map((one) => one.workspace);
      } catch {
        this.workspaces = []; // the name can still be typed
      }
    }
  }

  /** @param {SubmitEvent} event */
  #move(event) {
    const {workspace} = fieldsOf(event);
    this.attempt(async () => {
      await signIn(session.key, workspace);
      /** @type {HTMLFormElement} */ (event.target).reset();
      document.getElementById('who')?.hidePopover();
    });
  }
}

customElements.define('who-is-signed-in', WhoIsSignedIn);
