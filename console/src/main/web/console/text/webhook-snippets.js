/** How the receiver of a webhook knows that a request is Keyledger's. */

/**
 * Returns snippets by the name of what they are for.
 *
 * @param {{publicKey?: string}} webhook
 * @returns {Record<string, string>}
 */
export function webhookSnippets(webhook) {
  return {
    Node: `// npm install standardwebhooks; WEBHOOK_SECRET is the secret of above
import { Webhook } from 'standardwebhooks';

const event = new Webhook(process.env.WEBHOOK_SECRET).verify(rawBody, request.headers); // throws if it is not ours`,
    Java: `// com.standardwebhooks:standardwebhooks
new Webhook(System.getenv("WEBHOOK_SECRET")).verify(rawBody, headers); // throws if it is not ours`,
    'Without the secret': `Each request is also signed with Ed25519 (v1a in webhook-signature). The public key is
${webhook.publicKey}`,
  };
}
