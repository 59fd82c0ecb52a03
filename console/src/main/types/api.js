/**
 * The parts of the HTTP interface that the console reads; the OpenAPI document has all of it. It is
 * not served: without an export, its types are known to every module that is checked with it.
 *
 * @typedef {{type: string, id: string}} Owner
 * @typedef {{type: string, id?: string}} Actor
 * @typedef {'active' | 'not-yet-active' | 'expired' | 'suspended' | 'revoked'} KeyStatus
 *
 * @typedef {object} Secret
 * @property {number} generation
 * @property {string} [secretHint]
 * @property {string} [lastUsedAt]
 * @property {string} [endsAt]
 *
 * @typedef {object} Key
 * @property {string} keyId
 * @property {string} name
 * @property {string} workspace
 * @property {Owner} owner
 * @property {'live' | 'test'} environment
 * @property {KeyStatus} status
 * @property {string[]} permissions
 * @property {string[]} ipAllowList
 * @property {Record<string, string>} metadata
 * @property {string} [secretHint]
 * @property {number} generation
 * @property {Secret[]} secrets
 * @property {string} [overlapEndsAt]
 * @property {string} createdAt
 * @property {string} [notBefore]
 * @property {string} [expiresAt]
 * @property {string} [expiresIn]
 * @property {string} [renewableUntil]
 * @property {string} [nextReminderAt]
 * @property {string} [revokedAt]
 * @property {string} [revocationReason]
 * @property {{command: string, effectiveAt: string, revocationReason?: string}} [planned]
 * @property {string} [lastUsedAt]
 * @property {Actor} issuedBy
 * @property {number} version
 * @property {string} [secret] only in the response that issues or rotates
 *
 * @typedef {object} BindingPolicy what commands may ask for
 * @property {string} defaultLifetime
 * @property {string} maxLifetime
 * @property {boolean} allowNoExpiry
 * @property {string} defaultOverlap
 * @property {string[]} [allowedPermissions] absent for all
 *
 * @typedef {object} Self a key as its holder sees it, or the root key
 * @property {Actor} [actor] of the root key only
 * @property {string} workspace
 * @property {string[]} permissions
 * @property {string} [keyId]
 * @property {string} [name]
 * @property {Owner} [owner]
 * @property {BindingPolicy} [policy] absent if it binds nothing that the key may do
 *
 * @typedef {object} Problem
 * @property {string} code
 * @property {string} title
 * @property {string} detail
 * @property {number} status
 * @property {string} [type]
 * @property {string} [requestId]
 * @property {{field: string, message: string}[]} [errors]
 *
 * @typedef {object} AuditEntry
 * @property {number} position
 * @property {string} time
 * @property {string} type
 * @property {string} [keyId]
 * @property {Owner} [owner]
 * @property {Actor} actor
 * @property {string} [ip]
 * @property {string} [userAgent]
 * @property {string} requestId
 * @property {string} [reason]
 * @property {boolean} [erased]
 * @property {Record<string, any>} data
 *
 * @typedef {object} KeySummary
 * @property {number} total
 * @property {Record<KeyStatus, number>} byStatus
 * @property {Record<string, number>} attention
 * @property {{from: string, keys: number}[]} expiriesByWeek
 * @property {number} position
 * @property {string} asOf
 *
 * @typedef {object} NodeLag
 * @property {string} node
 * @property {string} instance
 * @property {number} position
 * @property {number} lagEvents
 * @property {number} lagSeconds
 * @property {boolean} strict
 * @property {string} leaseUntil
 *
 * @typedef {object} NodeStanding
 * @property {string} node
 * @property {boolean} applied
 * @property {string} [appliedAt]
 * @property {number} position
 * @property {boolean} strict
 * @property {string} leaseUntil
 */

/**
 * @template T
 * @typedef {{data: T[], nextCursor?: string}} Page
 */
