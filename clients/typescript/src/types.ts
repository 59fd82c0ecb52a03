// Made by scripts/types.mjs from the OpenAPI document of a node. Do not edit.

/** The sender of a command. For an operator or a holder, the id is that of its key. */
export type Actor = {
  readonly type: ActorType;
  readonly id?: string;
};

export type ActorText = string;

export type ActorType = 'root' | 'operator' | 'holder' | 'system' | 'anonymous';

export type Applied = {
  /** The position in the token. */
  readonly position: number;
  /** Whether all `nodes` have applied it. */
  readonly appliedEverywhere: boolean;
  /**
   * What `appliedEverywhere` guarantees, if true. `proof` if there is at least one node and all nodes that may be
   * answering checks are strict; otherwise `report`.
   */
  readonly receipt: Receipt;
  /** All nodes with a lease, sorted by name. */
  readonly nodes: readonly NodeStanding[];
};

/**
 * Why somebody should look at a key. All but `leaked` are of keys that are neither revoked nor expired.
 *
 * - `expiring-7d`, `expiring-30d`: it expires within that time, unless it is planned to be revoked before.
 * - `closable-overlap`: its rotation is complete (`RotationCompleted`), and the overlap is still open.
 * - `never-used`: it has no `lastUsedAt`.
 * - `idle-90d`: it has a `lastUsedAt`, more than 90 days ago.
 * - `no-expiry`: it never expires.
 * - `leaked`: a leak of one of its secrets was reported, whatever became of the key.
 */
export type Attention =
  | 'expiring-7d'
  | 'expiring-30d'
  | 'closable-overlap'
  | 'never-used'
  | 'idle-90d'
  | 'no-expiry'
  | 'leaked';

/** One event of the log. */
export type AuditEntry = {
  readonly position: number;
  readonly time: Time;
  readonly type: EventType;
  readonly keyId?: KeyId;
  /** The owner of the key after the event. */
  readonly owner?: Owner;
  readonly actor: Actor;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly requestId: string;
  readonly reason?: Reason;
  /** Whether ip, userAgent and reason were erased. Absent if they were not. */
  readonly erased?: boolean;
  /** The event's own fields, without any secret or digest. */
  readonly data: Readonly<Record<string, unknown>>;
};

export type AuditPage = {
  readonly data: readonly AuditEntry[];
  readonly nextCursor?: string;
};

/** The part of a `Policy` that the fields of commands on keys are held against. */
export type BindingPolicy = {
  /** The lifetime of a key whose command names no expiry; at most `maxLifetime`. */
  readonly defaultLifetime: Duration;
  /** The longest lifetime that a command may request. */
  readonly maxLifetime: Duration;
  /** Whether a command may request `never`. */
  readonly allowNoExpiry: boolean;
  /** The overlap of a rotation that names none. */
  readonly defaultOverlap: Duration;
  /** The patterns that cover what keys may hold. Absent if they may hold anything, and for holders. */
  readonly allowedPermissions?: readonly Permission[];
};

/** The decision on a check, or what is wrong with the check. */
export type CheckResult = {
  readonly problem?: ConstantProblem;
  readonly valid?: boolean;
  readonly code?: DecisionCode;
  readonly keyId?: KeyId;
  readonly name?: Name;
  readonly workspace?: Workspace;
  readonly owner?: Owner;
  readonly environment?: Environment;
  readonly permissions?: Permissions;
  /** The permissions of allOf that the key lacks; all of anyOf if it holds none of them. */
  readonly missingPermissions?: readonly RequiredPermission[];
  readonly metadata?: Metadata;
  readonly expiresAt?: Time;
  readonly renewableUntil?: Time;
  /** Whether the first reminder before the expiry is due. */
  readonly renewalDue?: boolean;
  /** The generation of the presented secret. */
  readonly generation?: number;
  /** The generation of the key's current secret; higher than `generation` if that is an old one. */
  readonly currentGeneration?: number;
  /**
   * When the overlap of the previous secret ends. Absent if none is open, and while it waits for the first use of the
   * current secret.
   */
  readonly overlapEndsAt?: Time;
  /** The event behind the code. */
  readonly decidedBy?: EventReference;
  /** With `cacheable`, the addresses from which the key may be used; empty for any. */
  readonly ipAllowList?: IpAllowList;
  /** With `cacheable`, when the key becomes or became valid. Absent if it was valid from the start. */
  readonly notBefore?: Time;
  /** With `cacheable`, the revocation or suspension that is planned and not in effect. */
  readonly planned?: Planned;
  /**
   * With `explain`, every condition, in the order in which they are evaluated. The first one that is not
   * passed determines the code.
   */
  readonly conditions?: readonly ExplainedCondition[];
  /** The decision takes into account everything in the log up to this position. */
  readonly position?: number;
  /** The log's time up to which, at least, the decision takes everything into account. */
  readonly asOf?: Time;
};

export type CheckedEnvironment = 'live' | 'test' | 'any';

/** An event in the form of CloudEvents 1.0. `workspace` is an extension attribute. */
export type CloudEvent = {
  readonly specversion: '1.0';
  /** The position. */
  readonly id: string;
  /** The log. Together with `id` it identifies the event. */
  readonly source: string;
  readonly type: string;
  /** The key, or the workspace. */
  readonly subject: string;
  readonly time: Time;
  /** The workspace; `*` in the trailer of an export of the whole log. */
  readonly workspace: string;
  readonly datacontenttype: 'application/json';
  /** The position in the log. Only in exports, as are the next two. */
  readonly position?: number;
  /** The leaf bytes of the event, in base64. */
  readonly leaf?: string;
  /**
   * The hashes of its inclusion proof for the checkpoint of the trailer, joined, lowest first, in base64. Only
   * in exports of one workspace.
   */
  readonly inclusionproof?: string;
  readonly data: ExportedData;
};

/**
 * Only in the response to a command with `proof=inclusion`: a file in the format C2SP tlog-proof that proves that
 * the last event of the key or workspace is in the log.
 */
export type CommandProof = string;

/** What went wrong (RFC 9457), without anything that identifies the request. */
export type ConstantProblem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: ProblemCode;
  readonly requestId?: RequestId;
  /** The invalid fields, by their paths, or the names of headers or parameters. */
  readonly errors?: readonly InvalidField[];
};

/** For MALFORMED and NOT_FOUND, only `valid`, `code`, `position` and `asOf` are present. */
export type Decision = {
  readonly valid: boolean;
  readonly code: DecisionCode;
  readonly keyId?: KeyId;
  readonly name?: Name;
  readonly workspace?: Workspace;
  readonly owner?: Owner;
  readonly environment?: Environment;
  readonly permissions?: Permissions;
  /** The permissions of allOf that the key lacks; all of anyOf if it holds none of them. */
  readonly missingPermissions?: readonly RequiredPermission[];
  readonly metadata?: Metadata;
  readonly expiresAt?: Time;
  readonly renewableUntil?: Time;
  /** Whether the first reminder before the expiry is due. */
  readonly renewalDue?: boolean;
  /** The generation of the presented secret. */
  readonly generation?: number;
  /** The generation of the key's current secret; higher than `generation` if that is an old one. */
  readonly currentGeneration?: number;
  /**
   * When the overlap of the previous secret ends. Absent if none is open, and while it waits for the first use of the
   * current secret.
   */
  readonly overlapEndsAt?: Time;
  /** The event behind the code. */
  readonly decidedBy?: EventReference;
  /** With `cacheable`, the addresses from which the key may be used; empty for any. */
  readonly ipAllowList?: IpAllowList;
  /** With `cacheable`, when the key becomes or became valid. Absent if it was valid from the start. */
  readonly notBefore?: Time;
  /** With `cacheable`, the revocation or suspension that is planned and not in effect. */
  readonly planned?: Planned;
  /**
   * With `explain`, every condition, in the order in which they are evaluated. The first one that is not
   * passed determines the code.
   */
  readonly conditions?: readonly ExplainedCondition[];
  /** The decision takes into account everything in the log up to this position. */
  readonly position: number;
  /** The log's time up to which, at least, the decision takes everything into account. */
  readonly asOf: Time;
};

/**
 * The first code that applies. `MALFORMED`: the string cannot be a key, or has the form of a Keyledger key
 * with a wrong checksum. `NOT_FOUND`: any other miss, including a key of another workspace.
 * `ISSUER_INVALID`: an operator's key that another operator issued, while that operator's key is revoked,
 * suspended, not yet active or expired, or from an address that its IP list does not allow. The same holds
 * for the operator that issued that one, and so on. The policy `operatorsOutliveIssuer` lifts this rule.
 */
export type DecisionCode =
  | 'MALFORMED'
  | 'NOT_FOUND'
  | 'REVOKED'
  | 'ROTATED_OUT'
  | 'SUSPENDED'
  | 'NOT_YET_ACTIVE'
  | 'EXPIRED'
  | 'ISSUER_INVALID'
  | 'WRONG_ENVIRONMENT'
  | 'IP_NOT_ALLOWED'
  | 'INSUFFICIENT_PERMISSIONS'
  | 'VALID';

export type Decisions = {
  readonly results: readonly CheckResult[];
};

/** ISO 8601 with weeks, days and time only. Fractions of seconds are allowed. */
export type Duration = string;

export type Environment = 'live' | 'test';

export type Erased = {
  /** The number of events. */
  readonly erased: number;
  /** Whether others are left for another request. */
  readonly more: boolean;
};

export type EventReference = {
  readonly type: EventType;
  readonly position: number;
  readonly time: Time;
};

export type EventType =
  | 'KeyIssued'
  | 'KeyImported'
  | 'KeyRotated'
  | 'KeyTransferred'
  | 'OverlapStarted'
  | 'SecretRetired'
  | 'KeySuspended'
  | 'KeyResumed'
  | 'KeyRevoked'
  | 'RevocationPlanned'
  | 'SuspensionPlanned'
  | 'PlanCancelled'
  | 'KeyRenewed'
  | 'PermissionsChanged'
  | 'RestrictionsChanged'
  | 'KeyDescribed'
  | 'LeakReported'
  | 'ExpiryApproaching'
  | 'KeyExpired'
  | 'RotationCompleted'
  | 'WorkspaceOpened'
  | 'PolicyChanged'
  | 'WorkspaceClosed'
  | 'WebhookCreated'
  | 'WebhookChanged'
  | 'WebhookEnabled'
  | 'WebhookDisabled'
  | 'WebhookSecretRotated'
  | 'WebhookDeleted'
  | 'ContextErased';

export type ExpiringKey = Key & {
  readonly expiresIn?: Duration;
  /** The reminders of this expiry that were sent, oldest first. */
  readonly remindersSent: readonly SentReminder[];
};

export type ExpiringKeyPage = {
  readonly data: readonly ExpiringKey[];
  readonly nextCursor?: string;
};

export type ExplainedCondition = {
  readonly code: DecisionCode;
  readonly passed: boolean;
  /**
   * False if there is nothing to evaluate, such as the expiry of a key that never expires, or
   * permissions where none are required. The condition is then passed.
   */
  readonly applies: boolean;
  /**
   * The event behind the condition: the revocation; the event that ended the presented secret or set its
   * overlap; the latest suspension or resumption; for either, a later plan or its cancellation; the event that set the
   * times, the environment, the IP
   * list or the permissions; the event of an issuer that makes it invalid. Absent if there is none.
   */
  readonly event?: EventReference;
  /** For REVOKED and SUSPENDED, when what is planned takes effect or has taken effect. */
  readonly effectiveAt?: Time;
  readonly revocationReason?: RevocationReason;
  /** The generation of the presented secret. */
  readonly generation?: number;
  readonly currentGeneration?: number;
  /**
   * When the overlap of the presented secret ends or has ended. Absent while it waits for the first use of the current
   * secret.
   */
  readonly overlapEndsAt?: Time;
  readonly notBefore?: Time;
  readonly expiresAt?: Time;
  /** The operator that issued this operator's key. */
  readonly issuer?: KeyId;
  /** For WRONG_ENVIRONMENT, what the check accepts. For IP_NOT_ALLOWED, the key's list. */
  readonly required?: readonly string[];
  /** The key's environment, or the address in the check, if any. */
  readonly held?: string;
  /** Each required permission, once; those of allOf first. */
  readonly permissions?: readonly ExplainedPermission[];
};

export type ExplainedPermission = {
  readonly permission: RequiredPermission;
  readonly held: boolean;
  /** The key's permission that covers it, or the last one that did. */
  readonly pattern?: Permission;
  /** The event that added that pattern to the key, or removed it. */
  readonly event?: EventReference;
};

/** The parameters of `exportAudit`. */
export type ExportAuditQuery = {
  /** The position after which to continue. */
  readonly after?: number;
  /** Start of the period (inclusive). */
  readonly from?: RequestedTime;
  /** End of the period (exclusive). */
  readonly to?: RequestedTime;
  /**
   * As the header `Keyledger-Workspace`. If both are given, they must agree. For the root key, `*` is the whole
   * log, without a proof on each line: the leaves themselves give the root.
   */
  readonly workspace?: string;
};

/** An entry of the audit; in the trailer, `count` and `checkpoint`. */
export type ExportedData = {
  /** The number of lines before the trailer. */
  readonly count?: number;
  /** The checkpoint at which the export ends. */
  readonly checkpoint?: string;
  [name: string]: unknown;
};

export type FeedEnd = {
  readonly code: FeedEndCode;
};

/**
 * Why the node ends a feed: `too-slow`, the client did not take what was sent; `unauthorized` or `forbidden`, the
 * caller's key is no longer good, or no longer good enough; `workspace-closed`; `node-stops`; `stale`, the node has
 * lost touch with the log; `store-unavailable`, it cannot read what the client has missed.
 */
export type FeedEndCode =
  | 'too-slow'
  | 'unauthorized'
  | 'forbidden'
  | 'workspace-closed'
  | 'node-stops'
  | 'stale'
  | 'store-unavailable';

/** An event as the feed sends it, without a secret, a digest or what may be personal data. */
export type FeedEvent = {
  readonly position: number;
  readonly time: Time;
  readonly type: EventType;
  /** Absent if the event is one of the workspace itself. */
  readonly keyId?: KeyId;
};

export type FeedHeartbeat = {
  /**
   * The last position that the feed has passed. Every event of the workspace up to it was sent, unless `type` excludes
   * it.
   */
  readonly position: number;
  /** A time, by PostgreSQL's clock, up to which every event of the workspace was sent, likewise. */
  readonly asOf: Time;
};

/** The parameters of `followFeed`. */
export type FollowFeedQuery = {
  /** The type of event to send. May be repeated; the values are alternatives. Heartbeats come anyway. */
  readonly type?: readonly EventType[];
};

export type History = {
  readonly data: readonly AuditEntry[];
  readonly nextCursor?: string;
};

export type Holder = Key & {
  /** The permission of the key that covers the one asked for. */
  readonly pattern: Permission;
};

/** What the holder of a key may do to it, in this order. */
export type HolderMay = readonly ('renew' | 'renew-expired' | 'rotate')[];

export type HolderPage = {
  readonly data: readonly Holder[];
  readonly nextCursor?: string;
};

export type ImportKey = NewKey & Required<Pick<NewKey, 'secretSha256'>> & {
  /** What people recognise the secret by, such as its last four characters. Never the secret itself. */
  readonly secretHint?: string;
  /** When the key was created elsewhere. Not in the future. */
  readonly createdAt?: RequestedTime;
  /** When the key was revoked elsewhere, between `createdAt` and now. The imported key is revoked. */
  readonly revokedAt?: RequestedTime;
  /** Only with `revokedAt`; `unspecified` if absent. */
  readonly revocationReason?: RevocationReason;
  readonly reason?: Reason;
};

/** The key, or what went wrong. */
export type ImportResult = {
  readonly keyId?: KeyId;
  readonly problem?: ConstantProblem;
};

export type ImportResults = {
  readonly results: readonly ImportResult[];
};

export type InvalidField = {
  readonly field: string;
  readonly message: string;
};

/** IPv4 and IPv6 ranges (CIDR) or addresses. An empty list allows all. */
export type IpAllowList = readonly string[];

/** Without `expiresAt` and `lifetime`, the workspace's default lifetime applies. */
export type IssueKey = NewKey & {
  readonly reason?: Reason;
};

export type Key = {
  readonly keyId: KeyId;
  readonly proof?: CommandProof;
  readonly name: Name;
  readonly workspace: Workspace;
  readonly owner: Owner;
  readonly environment: Environment;
  readonly status: KeyStatus;
  readonly permissions: Permissions;
  readonly ipAllowList: IpAllowList;
  readonly metadata: Metadata;
  /**
   * Prefix and last four characters of the secret, or what an import gave. Absent if the caller created the secret and
   * gave none.
   */
  readonly secretHint?: string;
  /** The generation of the current secret. */
  readonly generation: number;
  /**
   * When the previous secret ends. Absent if it has ended, and while its overlap waits for the first use of the current
   * secret.
   */
  readonly overlapEndsAt?: Time;
  readonly secrets: Secrets;
  /** When the key was issued, or what an import gave. */
  readonly createdAt: Time;
  readonly notBefore?: Time;
  /** The key is valid before that time. Absent if it never expires. */
  readonly expiresAt?: Time;
  readonly renewableUntil?: Time;
  /**
   * When the next reminder of the expiry will be sent. Absent if none will be, as for a key whose revocation is planned
   * for its expiry or before.
   */
  readonly nextReminderAt?: Time;
  readonly revokedAt?: Time;
  readonly revocationReason?: RevocationReason;
  readonly planned?: Planned;
  /**
   * The minute in which the key was last accepted in a check or as a credential, on any node. It is
   * a few seconds behind, and more on a node on which more than 60,000 keys are used each minute.
   * Responses to commands omit it.
   */
  readonly lastUsedAt?: Time;
  readonly issuedBy: Actor;
  /** The number of events that commands have added to the key. */
  readonly version: number;
};

export type KeyAnswer = Key;

/** The public identifier of a key. It may be logged. */
export type KeyId = string;

export type KeyNotYetApplied = Key & {
  /** With `cascade=true`, the descendants that this request revoked beside the key itself. */
  readonly revoked?: readonly KeyId[];
  /** Whether descendants are left for another request. Absent if none is. */
  readonly more?: boolean;
  /** As in the response 200. */
  readonly secret?: string;
  /** The nodes with a lease that have not reported that they have applied the command. */
  readonly notAppliedBy?: readonly NodeStanding[];
};

export type KeyPage = {
  readonly data: readonly KeyAnswer[];
  /** Where to continue. Absent at the end. */
  readonly nextCursor?: string;
};

/** The first status that applies. */
export type KeyStatus = 'revoked' | 'suspended' | 'not-yet-active' | 'expired' | 'active';

export type KeyWithSecret = Key & {
  /** What the client presents. Absent if the caller created it, and from a repeated response once it is dead. */
  readonly secret?: string;
};

/** The parameters of `listAuditEntries`. */
export type ListAuditEntriesQuery = {
  readonly keyId?: KeyId;
  /**
   * The owner of the keys, as `type:id`; the first colon ends the type. As in any query, `+` is sent as `%2B`. May be
   * repeated; the values are alternatives.
   */
  readonly owner?: readonly OwnerText[];
  /** The actor, as `type` or `type:id`. */
  readonly actor?: ActorText;
  /** The type of event. May be repeated; the values are alternatives. */
  readonly type?: readonly EventType[];
  /** Start of the period (inclusive). */
  readonly from?: RequestedTime;
  /** End of the period (exclusive). */
  readonly to?: RequestedTime;
  /** Oldest (`asc`) or newest (`desc`) first. */
  readonly order?: 'asc' | 'desc';
  /** The maximum number of entries on a page. */
  readonly limit?: number;
  /**
   * Where to continue, from `nextCursor`. All other parameters except `limit` must be as before. A cursor is encrypted,
   * and good in the workspace, the list and the filters that it came with; elsewhere it is a 400.
   */
  readonly cursor?: string;
};

/** The parameters of `listKeys`. */
export type ListKeysQuery = {
  /**
   * The owner of the keys, as `type:id`; the first colon ends the type. As in any query, `+` is sent as `%2B`. May be
   * repeated; the values are alternatives.
   */
  readonly owner?: readonly OwnerText[];
  /** The status of the keys now. May be repeated; the values are alternatives. */
  readonly status?: readonly KeyStatus[];
  /** A permission or pattern that the keys hold, compared literally. May be repeated; the values are alternatives. */
  readonly permission?: readonly Permission[];
  readonly environment?: Environment;
  /** The issuer of the keys, as `type` or `type:id`. */
  readonly issuedBy?: ActorText;
  /** Keys that expire before that time (exclusive). */
  readonly expiresBefore?: RequestedTime;
  /**
   * Keys that were issued before that time and have not been used since: their `lastUsedAt` is in an
   * earlier minute, or absent.
   */
  readonly unusedSince?: RequestedTime;
  /**
   * A part of the name or of the owner's id, or the start of the key id, in any case; or the last four characters or
   * the whole of `secretHint`, in the same case.
   */
  readonly q?: string;
  /**
   * Why somebody should look at the keys, see `Attention`. With it, a page may have fewer keys than `limit`, or
   * none, and still a `nextCursor`: at most 10,000 keys are looked at for a page.
   */
  readonly attention?: Attention;
  /** The maximum number of entries on a page. */
  readonly limit?: number;
  /**
   * Where to continue, from `nextCursor`. All other parameters except `limit` must be as before. A cursor is encrypted,
   * and good in the workspace, the list and the filters that it came with; elsewhere it is a 400.
   */
  readonly cursor?: string;
};

/** Up to 50 strings, at most 4096 bytes of names and values in total. No personal data. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * A name for people, 1 to 100 characters. It must not be blank or contain control, zero-width or bidirectional control
 * characters. No personal data.
 */
export type Name = string;

export type NewKey = {
  readonly name: Name;
  readonly owner: Owner;
  readonly permissions: Permissions;
  readonly expiresAt?: RequestedExpiry;
  readonly lifetime?: RequestedLifetime;
  /** `live` if absent. */
  readonly environment?: Environment;
  readonly notBefore?: RequestedTime;
  readonly ipAllowList?: IpAllowList;
  readonly metadata?: Metadata;
  readonly secretSha256?: SecretSha256;
};

/** How far a node is behind the log, by its last report. Times are PostgreSQL's. */
export type NodeLag = {
  /** Name of the node (`KEYLEDGER_NODE_NAME`, or its host name and port). */
  readonly node: string;
  /** Identifies this run of the node, even among nodes with the same name. */
  readonly instance: string;
  /** The position up to which the node has reported to have applied the log. */
  readonly position: number;
  /** The number of events after that position. */
  readonly lagEvents: number;
  /** How long ago the first of these events was appended, in whole seconds; 0 if there is none. */
  readonly lagSeconds: number;
  /** Whether the node refuses checks while it has no lease. */
  readonly strict: boolean;
  /**
   * When the lease ends, unless the node renews it, which it does every 2 s. If that time has passed, the node has died
   * or cannot reach the database.
   */
  readonly leaseUntil: Time;
};

/** What a node with a lease has applied. Times are PostgreSQL's. */
export type NodeStanding = {
  /** Name of the node (`KEYLEDGER_NODE_NAME`, or its host name and port). */
  readonly node: string;
  /** Identifies this run of the node, even among nodes with the same name. */
  readonly instance: string;
  /** Whether the node has reported that it has applied the requested position. */
  readonly applied: boolean;
  /** When the node first reported its `position`; by then it had applied the requested one. Absent if it has not. */
  readonly appliedAt?: Time;
  /** The position up to which the node has reported to have applied the log. */
  readonly position: number;
  /** Whether the node refuses checks while it has no lease. */
  readonly strict: boolean;
  /** When the lease ends, unless the node renews it, which it does every 2 s. The node counts for one more second. */
  readonly leaseUntil: Time;
};

export type Nodes = {
  /** The head of the log. */
  readonly position: number;
  readonly nodes: readonly NodeLag[];
};

/**
 * When the overlap begins: `now` (the default), or with the `first-use` of the new secret. Until then both secrets
 * are valid, and the end of the old one is not known. The overlap begins at most a minute after the first use, and
 * at the latest 30 days after the rotation.
 */
export type OverlapFrom = 'now' | 'first-use';

/** The party that the key was issued to. */
export type Owner = {
  readonly type: OwnerType;
  readonly id: OwnerId;
};

/** An opaque reference, 1 to 255 visible ASCII characters. No personal data. */
export type OwnerId = string;

export type OwnerText = string;

export type OwnerType = 'app' | 'service' | 'user';

/**
 * A scope token (RFC 6749) without the comma, 1 to 255 characters; case is significant. `:`, `.` and
 * `/` separate segments. `*` may only stand for a whole segment: as the last of several it matches one
 * or more segments with any separators, elsewhere exactly one, and alone everything but `keyledger`.
 * Empty segments match empty segments only. Up to the last segment that a pattern names, the one
 * before a trailing `*` included, separators must be the same.
 *
 * The first segment `keyledger`, in any case and before any separator, is reserved for Keyledger's own
 * permissions; no other one begins with it, and no wildcard in the first segment matches it. After
 * `keyledger:grant:` there may be any other permission (280 characters in all).
 *
 * | permission | allows |
 * |---|---|
 * | `keyledger:keys:issue` | issuing keys |
 * | `keyledger:keys:import` | importing keys |
 * | `keyledger:keys:renew` | renewing keys |
 * | `keyledger:keys:rotate` | rotating keys and retiring old secrets |
 * | `keyledger:keys:suspend` | suspending and resuming keys, and cancelling a planned suspension |
 * | `keyledger:keys:revoke` | revoking keys, one or all of an owner, and cancelling a planned revocation |
 * | `keyledger:keys:change` | changing permissions, IP lists, names, metadata and owners |
 * | `keyledger:keys:read` | reading and listing keys |
 * | `keyledger:audit:read` | reading histories, the audit, positions, and keys and decisions of the past |
 * | `keyledger:verify` | checking keys, also by introspection |
 * | `keyledger:webhooks` | webhooks and their deliveries |
 * | `keyledger:erase` | erasing reasons, IP addresses and user agents |
 * | `keyledger:feed:read` | following the live feed |
 * | `keyledger:metrics:read` | reading metrics and the details of health |
 * | `keyledger:self:renew` | renewing the key that holds it, and no other; makes no operator |
 * | `keyledger:self:rotate` | rotating the key that holds it, and no other; makes no operator |
 * | `keyledger:*` | everything above and below, in the operator's workspace |
 * | `keyledger:keys:*` | everything that begins with `keyledger:keys:` |
 * | `keyledger:self:*` | both of `keyledger:self:` |
 * | `keyledger:grant:*` | putting any permission on a key but Keyledger's own |
 * | `keyledger:grant:<permission>` | putting that permission, or what that pattern covers, on a key |
 */
export type Permission = string;

export type Permissions = readonly Permission[];

/**
 * The revocation or suspension that is planned for the key. Absent if there is none, and from `effectiveAt` on, when
 * `status` shows it.
 */
export type Planned = {
  readonly command: 'revoke' | 'suspend';
  /** The key is revoked or suspended from that time on. */
  readonly effectiveAt: Time;
  readonly revocationReason?: RevocationReason;
};

/** Durations are in whole seconds. */
export type Policy = {
  /** The lifetime of a key whose command names no expiry; at most `maxLifetime`. */
  readonly defaultLifetime: Duration;
  /** The longest lifetime that a command may request, PT1S to P3650D. */
  readonly maxLifetime: Duration;
  /** Whether a command may request `never`. */
  readonly allowNoExpiry: boolean;
  /** How long after its expiry a key can still be renewed, at most P3650D. */
  readonly renewalWindow: Duration;
  /** The overlap of a rotation that names none, at most P366D. */
  readonly defaultOverlap: Duration;
  /** How long before the expiry reminders are due, longest first, without duplicates. */
  readonly reminders: readonly Duration[];
  /**
   * The patterns that cover what keys may hold. Absent, or `*:*` together with `keyledger:*`: all
   * permissions. An empty list: only keys without permissions.
   */
  readonly allowedPermissions?: readonly Permission[];
  /**
   * How many keys that are not revoked the workspace may hold. A soft limit: concurrent commands may
   * exceed it by a few.
   */
  readonly maxKeys: number;
  /**
   * Whether an operator's key that another operator issued stays valid when the issuer's key is not, and
   * outside of the issuer's IP list. Unlike the rest of the policy, it applies to each check.
   */
  readonly operatorsOutliveIssuer: boolean;
  /** What the holders of keys may do to their own keys, with nothing but the key itself. */
  readonly holderMay: HolderMay;
  /**
   * How long the old secret must be unused while the new one is in use for a rotation to be complete
   * (`RotationCompleted`), at most P366D.
   */
  readonly rotationQuiet: Duration;
};

/** The fields of a `Policy` to set. With null, a field has its default again. */
export type PolicyFields = {
  readonly defaultLifetime?: string | null;
  readonly maxLifetime?: string | null;
  readonly allowNoExpiry?: boolean | null;
  readonly renewalWindow?: string | null;
  readonly defaultOverlap?: string | null;
  readonly reminders?: readonly Duration[] | null;
  readonly allowedPermissions?: readonly Permission[] | null;
  /** 0 to 1,000,000,000. */
  readonly maxKeys?: number | null;
  readonly operatorsOutliveIssuer?: boolean | null;
  /** Any of `renew`, `renew-expired` and `rotate`, each once. */
  readonly holderMay?: readonly string[] | null;
  readonly rotationQuiet?: string | null;
};

/** Each code has a page at `/problems/{code}`. */
export type ProblemCode =
  | 'bad-request'
  | 'invalid-position-token'
  | 'unauthorized'
  | 'forbidden'
  | 'permission-ceiling'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'request-timeout'
  | 'key-revoked'
  | 'key-expired'
  | 'key-not-suspended'
  | 'rotation-in-progress'
  | 'renewal-window-closed'
  | 'digest-already-known'
  | 'history-full'
  | 'workspace-exists'
  | 'workspace-closed'
  | 'quota-exceeded'
  | 'conflict'
  | 'idempotency-in-flight'
  | 'version-mismatch'
  | 'too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'invalid-field'
  | 'lifetime-not-allowed'
  | 'permission-not-allowed'
  | 'expiry-would-shorten'
  | 'idempotency-key-reused'
  | 'rate-limited'
  | 'headers-too-large'
  | 'internal-error'
  | 'not-yet-applied'
  | 'stale'
  | 'store-unavailable'
  | 'outcome-unknown';

/** Why. Up to 500 characters. Stored beside the event; `POST /v1/erasures` can erase it. */
export type Reason = string;

export type Receipt = 'proof' | 'report';

export type RenewKey = {
  readonly expiresAt?: RequestedExpiry;
  readonly lifetime?: RequestedLifetime;
  /** Whether the key may expire earlier than now. False if absent. */
  readonly allowShorter?: boolean;
  readonly reason?: Reason;
};

export type RenewSelf = {
  readonly expiresAt?: RequestedExpiry;
  readonly lifetime?: RequestedLifetime;
  readonly reason?: Reason;
};

export type RenewalResults = {
  readonly results: readonly ({
    readonly keyId: string;
    /** The expiry that the key has now, or would have. Absent if it never expires. */
    readonly expiresAt?: Time;
    readonly renewableUntil?: Time;
    readonly problem?: ConstantProblem;
  })[];
};

export type RequestId = string;

/** A time, or `never` where the workspace's policy allows it. */
export type RequestedExpiry = string;

/** A duration, counted from now, 1 second to 10 years, within the workspace's policy; or `never`. */
export type RequestedLifetime = string;

/** RFC 3339 with any offset, lower-case `t` and `z` allowed. No `24:00:00` and no second 60. */
export type RequestedTime = string;

/** A permission without `*`. */
export type RequiredPermission = string;

export type RevocationReason =
  | 'unspecified'
  | 'compromised'
  | 'leaked'
  | 'superseded'
  | 'owner-left'
  | 'no-longer-used'
  | 'policy';

export type RevokeAtOnce = {
  /** `unspecified` if absent. */
  readonly revocationReason?: RevocationReason;
  readonly reason?: Reason;
};

export type RevokeKey = {
  /** When the revocation takes effect, in the future. At once if absent. Not with `cascade=true`. */
  readonly effectiveAt?: RequestedTime;
  /** `unspecified` if absent. */
  readonly revocationReason?: RevocationReason;
  readonly reason?: Reason;
};

export type RevokedKeys = {
  readonly revoked: readonly KeyId[];
  /** Whether keys are left for another request. Absent if none is. */
  readonly more?: boolean;
};

export type RotateKey = {
  /** How long the old secret stays valid, PT0S to P366D. The workspace's policy sets the default. */
  readonly overlap?: Duration;
  readonly overlapFrom?: OverlapFrom;
  /** Whether an overlap that is still open ends now. False if absent. */
  readonly closeOverlap?: boolean;
  readonly expiresAt?: RequestedExpiry;
  readonly lifetime?: RequestedLifetime;
  readonly reason?: Reason;
};

export type RotateSelf = {
  /** How long the old secret stays valid, PT0S to P366D. The workspace's policy sets the default. */
  readonly overlap?: Duration;
  readonly overlapFrom?: OverlapFrom;
  readonly expiresAt?: RequestedExpiry;
  readonly lifetime?: RequestedLifetime;
  readonly reason?: Reason;
};

/** The SHA-256 of the secret's UTF-8 bytes, in hex, base64 or base64url. Padding is optional. */
export type SecretSha256 = string;

/** The current secret and, in its overlap, the one before it. */
export type Secrets = readonly ({
  readonly generation: number;
  readonly secretHint?: string;
  /**
   * The minute in which the secret was last accepted, as `lastUsedAt` of the key. Absent if it never was, and in
   * responses to commands.
   */
  readonly lastUsedAt?: Time;
  /**
   * When the overlap of the old secret ends. Absent for the current secret, and while the overlap waits for the first
   * use of the current secret.
   */
  readonly endsAt?: Time;
})[];

/** A key as its holder sees it. */
export type Self = SelfFields & Required<Pick<SelfFields,
  | 'keyId'
  | 'name'
  | 'workspace'
  | 'owner'
  | 'environment'
  | 'status'
  | 'permissions'
  | 'ipAllowList'
  | 'generation'
  | 'secrets'
  | 'createdAt'
  | 'version'
  | 'renewalDue'
  | 'holderMay'>>;

export type SelfAnswer = Self;

export type SelfFields = {
  readonly keyId?: KeyId;
  readonly proof?: CommandProof;
  readonly name?: Name;
  readonly workspace?: Workspace;
  readonly owner?: Owner;
  readonly environment?: Environment;
  readonly status?: KeyStatus;
  readonly permissions?: Permissions;
  readonly ipAllowList?: IpAllowList;
  /** As in `Key`. */
  readonly secretHint?: string;
  /** The generation of the current secret. */
  readonly generation?: number;
  /**
   * When the previous secret ends. Absent if it has ended, and while its overlap waits for the first use of the current
   * secret.
   */
  readonly overlapEndsAt?: Time;
  readonly secrets?: Secrets;
  /** When the key was issued, or what an import gave. */
  readonly createdAt?: Time;
  readonly notBefore?: Time;
  /** The key is valid before that time. Absent if it never expires. */
  readonly expiresAt?: Time;
  readonly renewableUntil?: Time;
  /** When the next reminder of the expiry will be sent. Absent if none will be. */
  readonly nextReminderAt?: Time;
  readonly revokedAt?: Time;
  readonly revocationReason?: RevocationReason;
  readonly planned?: Planned;
  /** As in `Key`. Responses to commands omit it. */
  readonly lastUsedAt?: Time;
  /** The number of events that commands have added to the key. */
  readonly version?: number;
  /** Whether the first reminder of the expiry is due. */
  readonly renewalDue?: boolean;
  /** What the holder may do to the key now. */
  readonly holderMay?: HolderMay;
};

/**
 * The key that was presented, as its holder sees it (`keyId` and all that follows from it); or the root key
 * (`actor`, `workspace`, `permissions` and `policy`, and nothing else).
 */
export type SelfOrRoot = SelfFields & Required<Pick<SelfFields, 'workspace' | 'permissions'>> & {
  /** Present for the root key only. */
  readonly actor?: Actor;
  /**
   * What the policy of the workspace lets commands ask for. Present for whom it binds: the root key, operators
   * with `keyledger:keys:issue`, `import`, `renew`, `rotate` or `change`, and holders who may do anything now.
   */
  readonly policy?: BindingPolicy;
};

export type SelfWithSecret = Self & {
  /** The new secret. Only this response contains it, and its repetition. */
  readonly secret?: string;
};

export type SentReminder = {
  /** How long before the expiry it was due. */
  readonly offset: Duration;
  readonly time: Time;
};

export type SuspendKey = {
  /** When the suspension takes effect, in the future. At once if absent. */
  readonly effectiveAt?: RequestedTime;
  readonly reason?: Reason;
};

/** RFC 3339, in UTC, with up to nine digits after the seconds. */
export type Time = string;

export type Workspace = string;

export type WorkspacePage = {
  readonly data: readonly WorkspaceResource[];
  readonly nextCursor?: string;
};

export type WorkspaceResource = {
  readonly workspace: Workspace;
  readonly proof?: CommandProof;
  readonly status: WorkspaceStatus;
  /** The policy for later commands. */
  readonly policy: Policy;
  /** Absent for `default`, which exists from the start. */
  readonly createdAt?: Time;
  readonly closedAt?: Time;
  /** The number of the workspace's events. */
  readonly version: number;
};

export type WorkspaceStatus = 'open' | 'closed';
