/** Whether the record is what it was: its signed head, and the proof of an entry, verified in the browser. */
import {html, nothing} from 'lit';
import {read, request} from '../api/api.js';
import {ProblemError} from '../api/problem.js';
import {PageElement} from '../elements/console-element.js';
import {save} from '../elements/copy-button.js';
import '../elements/entry-proof.js';
import {Loading} from '../elements/loading.js';
import '../elements/log-comparison.js';
import {hasWebCrypto} from '../proofs/bytes.js';
import {checkpointOf, signatureOf} from '../proofs/checkpoint.js';

/** @typedef {{name: string, publicKey: string, verifierKey: string, verifierKeys: string[]}} LogKey */
/** @typedef {{checkpoint: import('../proofs/checkpoint.js').Checkpoint, keys: string, signature: {isSigned: boolean, why: string} | null}} Head */

export class ProofsPage extends PageElement {
  constructor() {
    super();
    /** @type {Loading<Head>} */
    this.head = new Loading(this, latestHead);
  }

  connectedCallback() {
    super.connectedCallback();
    this.head.run();
  }

  render() {
    return html`<h1>Proofs</h1>
      ${hasWebCrypto() ? nothing : html`<p class="notice" role="status"><strong>This browser cannot verify here.</strong> It offers WebCrypto and the
        clipboard only to pages that were loaded over HTTPS or from the same machine. Use HTTPS, or download the evidence and
        verify it with <code>java -jar keyledger.jar verify-log</code> or another tool for C2SP proofs.</p>`}
      <section aria-labelledby="head-title">
        <h2 id="head-title">The latest checkpoint</h2>
        <p>Every event is a leaf of a Merkle tree. The log signs the tree's root every few seconds. Keep a checkpoint where those
          who run Keyledger cannot reach it: later, nothing before it can be changed without being noticed.</p>
        ${this.head.render((head) => this.#checkpoint(head), 5)}
      </section>
      ${this.head.value ? html`
        <section aria-labelledby="entry-title"><h2 id="entry-title">Verify an entry</h2>
          <entry-proof .keys=${this.head.value.keys} .position=${this.route.params.get('position') ?? ''}></entry-proof></section>
        <section aria-labelledby="comparison-title"><h2 id="comparison-title">Compare with what you kept</h2>
          <log-comparison .latest=${this.#latest}></log-comparison></section>` : nothing}`;
  }

  #latest = async () => {
    await this.head.run();
    if (this.head.problem) {
      throw new ProblemError(this.head.problem);
    }
    return /** @type {Head} */ (this.head.value);
  };

  /** @param {Head} head */
  #checkpoint({checkpoint, keys, signature}) {
    return html`<dl class="facts">
        <dt>Log</dt><dd><code>${checkpoint.origin}</code></dd>
        <dt>Events</dt><dd>${checkpoint.size.toLocaleString()}</dd>
        <dt>Root</dt><dd><code>${checkpoint.text.split('\n')[2]}</code></dd>
        <dt>Signature</dt><dd><span role="status">${signatureText(signature)}</span></dd>
      </dl>
      <div class="actions">
        <button type="button" class="secondary outline" @click=${() => this.head.run()}>Look again</button>
        <button type="button" class="secondary outline" @click=${() => save(`checkpoint-${checkpoint.size}.txt`, new Blob([checkpoint.note]))}>Download the checkpoint</button>
        <button type="button" class="secondary outline" @click=${() => save('log.key', new Blob([keys]))}>Download the log's keys</button>
      </div>`;
  }
}

/** @param {Head['signature']} signature */
function signatureText(signature) {
  if (!signature) {
    return html`<span class="badge suspended">not checked</span> This browser has no Ed25519 here.`;
  }
  return signature.isSigned
      ? html`<span class="badge active">good</span> Signed with the log's Ed25519 key, which this service named just now.`
      : html`<span class="badge revoked">wrong</span> It is not proven: ${signature.why}.`;
}

/** @param {AbortSignal} signal @returns {Promise<Head>} */
async function latestHead(signal) {
  /** @type {LogKey} */
  const {verifierKeys} = await read('/v1/log/key', {}, signal);
  const {body} = await request('GET', '/v1/log/checkpoint', {signal, as: 'text'});
  const checkpoint = checkpointOf(String(body));
  const keys = `${verifierKeys.join('\n')}\n`;
  return {checkpoint, keys, signature: await verified(checkpoint, keys)};
}

/** @param {import('../proofs/checkpoint.js').Checkpoint} checkpoint @param {string} keys */
async function verified(checkpoint, keys) {
  try {
    return hasWebCrypto() ? await signatureOf(checkpoint, keys) : null;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'NotSupportedError') {
      return null; // older browsers have WebCrypto without Ed25519
    }
    throw thrown;
  }
}

customElements.define('proofs-page', ProofsPage);
