/** How a new key is presented, and how a service checks it. */

/**
 * Returns snippets by the name of what they are for. Only the first has the secret.
 *
 * @param {Pick<Key, 'secret' | 'permissions' | 'environment' | 'workspace'>} key
 * @param {string} keyledger the address of this service
 * @returns {Record<string, string>}
 */
export function snippets(key, keyledger) {
  const required = key.permissions.find((permission) => !permission.includes('*')) ?? '';
  const settings = new URLSearchParams();
  if (required) {
    settings.append('permission', required);
  }
  if (key.environment !== 'live') {
    settings.append('environment', key.environment);
  }
  if (key.workspace !== 'default') {
    settings.append('workspace', key.workspace);
  }
  const query = settings.size > 0 ? `?${settings}` : '';
  const check = {
    permissions: {allOf: required ? [required] : []},
    ...(key.environment === 'live' ? {} : {environment: key.environment}),
  };
  return {
    curl: `curl https://your-service.example.com/ \\
  -H "Authorization: Bearer ${key.secret}"`,
    nginx: `location / {
    auth_request /keyledger;
    proxy_pass http://your-service.example.com;
}
location = /keyledger {
    internal;
    proxy_pass ${keyledger}/v1/forward-auth${query};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}`,
    Spring: `// dev.keyledger:keyledger-spring-boot-starter guards every request. application.properties:
//   keyledger.url=${keyledger}
//   keyledger.key=\${KEYLEDGER_OPERATOR_KEY}, which holds keyledger:verify
${key.environment === 'live' ? '' : `//   keyledger.environment=${key.environment}\n`}@GetMapping("/")
${required ? `@RequiresPermission("${required}")\n` : ''}String hello(@AuthenticationPrincipal ApiKeyPrincipal key) {
  return "Hello, " + key.owner();
}`,
    Node: `// KEYLEDGER_OPERATOR_KEY holds keyledger:verify
const response = await fetch('${keyledger}/v1/verify', {
  method: 'POST',
  headers: {
    'Authorization': \`Bearer \${process.env.KEYLEDGER_OPERATOR_KEY}\`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({key: presented, ...${JSON.stringify(check)}}),
});
const {valid, code} = await response.json();`,
  };
}

/**
 * Returns how the receiver of a webhook knows that a request is Keyledger's: snippets by the name of what they are for.
 *
 * @param {{publicKey?: string}} webhook
 * @returns {Record<string, string>}
 */
export function webhookSnippets(webhook) {
  return {
    Node: `// npm install standardwebhooks; WEBHOOK_SECRET is the secret of above
import {Webhook} from 'standardwebhooks';

const event = new Webhook(process.env.WEBHOOK_SECRET).verify(rawBody, request.headers); // throws if it is not ours`,
    Java: `// com.standardwebhooks:standardwebhooks
new Webhook(System.getenv("WEBHOOK_SECRET")).verify(rawBody, headers); // throws if it is not ours`,
    'Without the secret': `Each request is also signed with Ed25519 (v1a in webhook-signature). The public key is
${webhook.publicKey}`,
  };
}
