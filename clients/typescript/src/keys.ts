import { all, type Calls, type Page } from './calls.js';
import type { Changes } from './changes.js';
import { revealed, Secret } from './secret.js';
import type {
  AuditEntry,
  Duration,
  ExpiringKey,
  Holder,
  HolderPage,
  ExpiringKeyPage,
  History,
  ImportKey,
  ImportResult,
  ImportResults,
  IpAllowList,
  IssueKey,
  Key,
  KeyNotYetApplied,
  KeyPage,
  KeyWithSecret,
  ListKeysQuery,
  Metadata,
  Owner,
  Permissions,
  RenewalResults,
  RenewKey,
  RevokeAtOnce,
  RevokedKeys,
  RevokeKey,
  RotateKey,
  SuspendKey,
} from './types.js';

/** A key after a command; with `waitUntilAppliedMillis`, the nodes that had not applied it when the wait ended. */
export type ChangedKey = Key & Pick<KeyNotYetApplied, 'notAppliedBy'>;

/**
 * A key and the secret that was just made for it, which is shown only now. It is absent if the caller made it, or if the
 * first response is repeated after the secret has ended.
 */
export type IssuedKey = Omit<KeyWithSecret, 'secret'> & Pick<KeyNotYetApplied, 'notAppliedBy'> & { secret?: Secret };

/** A moment of the past: a time, or the position of an event. */
export type Moment = { readonly time: string } | { readonly position: number };

/** What became of one key of a batch of renewals. */
export type RenewalResult = RenewalResults['results'][number];

/** The life of keys: commands on them, and what is known about them. */
export class Keys {
  readonly #calls: Calls;
  readonly #changes: Changes;

  constructor(calls: Calls, changes: Changes) {
    this.#calls = calls;
    this.#changes = changes;
  }

  /** Issues a key. */
  async issue(key: IssueKey): Promise<IssuedKey> {
    return withSecret(await this.#calls.command<KeyWithSecret>('keyId', 'POST', ['keys'], key));
  }

  /** Imports keys with the digests of secrets that others have made; 1 to 1,000. */
  async import(keys: readonly ImportKey[]): Promise<readonly ImportResult[]> {
    return (await this.#calls.command<ImportResults>('results', 'POST', ['keys', 'import'], { keys })).results;
  }

  /** Renews a key. */
  renew(keyId: string, renewal: RenewKey = {}): Promise<Key> {
    return this.#change(keyId, 'renew', renewal);
  }

  /** Renews keys, 1 to 1,000. */
  async renewAll(keyIds: readonly string[], renewal: RenewKey = {}): Promise<readonly RenewalResult[]> {
    try {
      const body = { keyIds, ...renewal };
      return (await this.#calls.command<RenewalResults>('results', 'POST', ['keys', 'renew-batch'], body)).results;
    } finally {
      keyIds.forEach((keyId) => this.#changes.changed(keyId));
    }
  }

  /** Gives a key a new secret. */
  async rotate(keyId: string, rotation: RotateKey = {}): Promise<IssuedKey> {
    return withSecret(await this.#change<KeyWithSecret>(keyId, 'rotate', rotation, true));
  }

  /** Ends the overlap of a rotation. */
  retireSecret(keyId: string): Promise<Key> {
    return this.#change(keyId, 'retire-secret');
  }

  /** Suspends a key until it is resumed; at once, or from a time on. */
  suspend(keyId: string, suspension: SuspendKey = {}): Promise<ChangedKey> {
    return this.#change(keyId, 'suspend', suspension, true);
  }

  /** Ends a suspension. */
  resume(keyId: string): Promise<Key> {
    return this.#change(keyId, 'resume');
  }

  /** Revokes a key, for ever; at once, or from a time on. */
  revoke(keyId: string, revocation: RevokeKey = {}): Promise<ChangedKey> {
    return this.#change(keyId, 'revoke', revocation, true);
  }

  /** Revokes a key and every key that descends from it by issuing; returns the descendants. */
  revokeWithDescendants(keyId: string, revocation: RevokeAtOnce = {}): Promise<RevokedKeys> {
    const settings = { query: { cascade: true }, waits: true };
    return this.#changeMany(
      this.#calls.command<RevokedKeys>('revoked', 'POST', ['keys', keyId, 'revoke'], revocation, settings),
    );
  }

  /** Revokes all keys of an owner. */
  revokeAllOf(owner: Owner, revocation: RevokeAtOnce = {}): Promise<RevokedKeys> {
    const body = { owner, ...revocation };
    return this.#changeMany(this.#calls.command<RevokedKeys>('revoked', 'POST', ['owners', 'revoke-keys'], body));
  }

  /** Drops the revocation or suspension that is planned for a key. */
  cancelPlan(keyId: string): Promise<ChangedKey> {
    return this.#change(keyId, 'cancel-plan', {}, true);
  }

  /** Replaces what a key may do. */
  changePermissions(keyId: string, permissions: Permissions): Promise<ChangedKey> {
    return this.#changeAt(keyId, 'PUT', ['keys', keyId, 'permissions'], { permissions }, true);
  }

  /** Replaces the addresses from which a key may be used; none: any. */
  restrict(keyId: string, ipAllowList: IpAllowList): Promise<ChangedKey> {
    return this.#changeAt(keyId, 'PUT', ['keys', keyId, 'restrictions'], { ipAllowList }, true);
  }

  /** Renames a key. */
  rename(keyId: string, name: string): Promise<Key> {
    return this.#changeAt(keyId, 'PATCH', ['keys', keyId], { name });
  }

  /** Replaces the notes on a key. */
  describe(keyId: string, metadata: Metadata): Promise<Key> {
    return this.#changeAt(keyId, 'PATCH', ['keys', keyId], { metadata });
  }

  /** Gives a key to another owner. */
  transfer(keyId: string, owner: Owner): Promise<Key> {
    return this.#change(keyId, 'transfer', { owner });
  }

  /** Reports secrets that were found where they should not be; 1 to 1,000. Tells nothing. */
  async reportLeaks(secrets: readonly (string | Secret)[]): Promise<void> {
    try {
      await this.#calls.ask('commands', ['leaks'], { secrets: secrets.map(revealed) });
    } finally {
      this.#changes.manyChanged();
    }
  }

  /** Returns a key. */
  get(keyId: string): Promise<Key> {
    return this.#calls.get<Key>('keyId', ['keys', keyId]);
  }

  /** Returns a key as it was at a moment, which must not be later than what the service knows. */
  getAt(keyId: string, moment: Moment): Promise<Key> {
    return this.#calls.get<Key>('keyId', ['keys', keyId, 'at'], moment);
  }

  /** Returns everything that happened to a key, oldest first. */
  history(keyId: string): AsyncGenerator<AuditEntry, void, undefined> {
    return all((cursor) => this.#calls.get<History>('data', ['keys', keyId, 'history'], { cursor }));
  }

  /** Returns a page of keys, newest first. */
  list(filter: ListKeysQuery = {}): Promise<Page<Key>> {
    return this.#calls.get<KeyPage>('data', ['keys'], filter);
  }

  /** Returns the keys of all pages, newest first. Each page is read when it is needed. */
  all(filter: ListKeysQuery = {}): AsyncGenerator<Key, void, undefined> {
    return all((cursor) => this.list(cursor === undefined ? filter : { ...filter, cursor }));
  }

  /** Returns the keys that expire within a time from now, soonest first. */
  expiring(within: Duration): AsyncGenerator<ExpiringKey, void, undefined> {
    return all((cursor) => this.#calls.get<ExpiringKeyPage>('data', ['keys', 'expiring'], { within, cursor }));
  }

  /** Returns the keys that hold a permission now, newest first. */
  holders(permission: string): AsyncGenerator<Holder, void, undefined> {
    return all((cursor) => this.#calls.get<HolderPage>('data', ['permissions', 'holders'], { permission, cursor }));
  }

  #change<T extends Key>(keyId: string, command: string, body: object = {}, waits = false): Promise<T> {
    return this.#changeAt(keyId, 'POST', ['keys', keyId, command], body, waits);
  }

  /** Sends a command on a key. It may have been done even if it fails. */
  async #changeAt<T extends Key>(
    keyId: string,
    method: string,
    path: readonly string[],
    body: object,
    waits = false,
  ): Promise<T> {
    try {
      return await this.#calls.command<T>('keyId', method, path, body, { waits });
    } finally {
      this.#changes.changed(keyId);
    }
  }

  async #changeMany<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } finally {
      this.#changes.manyChanged();
    }
  }
}

/** Hides the secret of an answer. */
export function withSecret<T extends { secret?: string }>(answer: T): Omit<T, 'secret'> & { secret?: Secret } {
  const { secret, ...key } = answer;
  return secret === undefined ? key : { ...key, secret: new Secret(secret) };
}
