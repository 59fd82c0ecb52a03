import { all, json, type Calls, type Page } from './calls.js';
import type { Changes } from './changes.js';
import { withSecret, type IssuedKey } from './keys.js';
import type {
  Applied,
  AuditEntry,
  AuditPage,
  CloudEvent,
  Erased,
  ExportAuditQuery,
  ListAuditEntriesQuery,
  NodeLag,
  Nodes,
  PolicyFields,
  RenewSelf,
  RevokeAtOnce,
  RotateSelf,
  SelfAnswer,
  SelfOrRoot,
  SelfWithSecret,
  WorkspacePage,
  WorkspaceResource,
} from './types.js';

/** Who did what to which key, when and why. */
export class Audit {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Returns a page of entries, newest first unless `order` says otherwise. */
  list(filter: ListAuditEntriesQuery = {}): Promise<Page<AuditEntry>> {
    return this.#calls.get<AuditPage>('data', ['audit'], filter);
  }

  /** Returns the entries of all pages. Each page is read when it is needed. */
  all(filter: ListAuditEntriesQuery = {}): AsyncGenerator<AuditEntry, void, undefined> {
    return all((cursor) => this.list(cursor === undefined ? filter : { ...filter, cursor }));
  }

  /**
   * Returns the workspace's events in order of position (CloudEvents 1.0), as they come. The last one is a trailer that
   * says how many there are. The deadline is for the beginning.
   */
  async *export(range: ExportAuditQuery = {}): AsyncGenerator<CloudEvent, void, undefined> {
    const lines = this.#calls.lines(['audit', 'export'], range, 'application/x-ndjson, application/problem+json');
    for await (const line of lines) {
      yield json(line) as CloudEvent;
    }
  }

  /** Erases reasons, addresses and user agents of what an actor did, such as `operator:key_...`. */
  eraseContextsOf(actor: string): Promise<Erased> {
    return this.#calls.command<Erased>('erased', 'POST', ['erasures'], { actor });
  }

  /** Erases reasons, addresses and user agents of what happened to a key. */
  eraseContextsOn(keyId: string): Promise<Erased> {
    return this.#calls.command<Erased>('erased', 'POST', ['erasures'], { keyId });
  }
}

/** What the holder of a key may do with it: the client's credential is that key. */
export class Self {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Returns who the credential is. */
  read(): Promise<SelfOrRoot> {
    return this.#calls.get<SelfOrRoot>('workspace', ['self']);
  }

  /** Renews the key. */
  renew(renewal: RenewSelf = {}): Promise<SelfAnswer> {
    return this.#calls.command<SelfAnswer>('keyId', 'POST', ['self', 'renew'], renewal);
  }

  /** Gives the key a new secret. This client goes on with the old one, until its overlap ends. */
  async rotate(rotation: RotateSelf = {}): Promise<Omit<SelfWithSecret, 'secret'> & Pick<IssuedKey, 'secret'>> {
    return withSecret(await this.#calls.command<SelfWithSecret>('keyId', 'POST', ['self', 'rotate'], rotation));
  }

  /** Revokes the key. */
  revoke(revocation: RevokeAtOnce = {}): Promise<SelfAnswer> {
    return this.#calls.command<SelfAnswer>('keyId', 'POST', ['self', 'revoke'], revocation);
  }
}

/** The tenants of the service; for the root key. */
export class Workspaces {
  readonly #calls: Calls;
  readonly #changes: Changes;

  constructor(calls: Calls, changes: Changes) {
    this.#calls = calls;
    this.#changes = changes;
  }

  /** Opens a workspace; `[a-z][a-z0-9-]{1,62}`. */
  open(workspace: string, policy: PolicyFields = {}): Promise<WorkspaceResource> {
    return this.#calls.command<WorkspaceResource>('workspace', 'POST', ['workspaces'], { workspace, policy });
  }

  /** Returns all workspaces. */
  list(): AsyncGenerator<WorkspaceResource, void, undefined> {
    return all((cursor) => this.#calls.get<WorkspacePage>('data', ['workspaces'], { cursor }, 'commands'));
  }

  /** Returns a workspace. */
  get(workspace: string): Promise<WorkspaceResource> {
    return this.#calls.get<WorkspaceResource>('workspace', ['workspaces', workspace], {}, 'commands');
  }

  /** Sets fields of the policy of a workspace; the others stay as they are. */
  changePolicy(workspace: string, policy: PolicyFields): Promise<WorkspaceResource> {
    return this.#change('PATCH', ['workspaces', workspace], { policy });
  }

  /** Closes a workspace, for ever: its keys are then unknown to every check. */
  close(workspace: string): Promise<WorkspaceResource> {
    return this.#change('POST', ['workspaces', workspace, 'close'], {});
  }

  async #change(method: string, path: readonly string[], body: object): Promise<WorkspaceResource> {
    try {
      return await this.#calls.command<WorkspaceResource>('workspace', method, path, body);
    } finally {
      this.#changes.manyChanged();
    }
  }
}

/** The log of the service: how far its nodes are, and what proves its history. */
export class Log {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Returns which nodes have applied a position. The token is that of a command, see `Keyledger.position`. */
  applied(positionToken: string): Promise<Applied> {
    return this.#calls.get<Applied>('appliedEverywhere', ['positions', positionToken, 'applied']);
  }

  /** Returns all nodes with a lease. */
  async nodes(): Promise<readonly NodeLag[]> {
    return (await this.#calls.get<Nodes>('nodes', ['nodes'])).nodes;
  }

  /** Returns the latest checkpoint, a signed note of C2SP. */
  checkpoint(): Promise<string> {
    return this.#calls.getText(['log', 'checkpoint'], {}, 'text/plain, application/problem+json');
  }
}
