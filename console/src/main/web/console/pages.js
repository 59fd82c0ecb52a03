/**
 * The pages. To add one, write its element in `pages/`, and a line here.
 *
 * @typedef {object} PageEntry
 * @property {string} path as in the address; a segment that begins with `:` is a parameter
 * @property {string} title
 * @property {string} element the page; it is given `route`, and `parameters` of its path
 * @property {() => Promise<unknown>} load
 * @property {string[]} needs permissions without `keyledger:`, all of which the reader must hold; `root` for the root key
 * @property {boolean} [menu] whether the menu shows it
 */

/** @type {PageEntry[]} */
export const PAGES = [
  {path: '/', title: 'Home', element: 'home-page', load: () => import('./pages/home-page.js'), needs: [], menu: true},

  // Keys
  {path: '/keys', title: 'Keys', element: 'keys-page', load: () => import('./pages/keys-page.js'), needs: ['keys:read'], menu: true},
  {path: '/issue', title: 'Issue a key', element: 'issue-page', load: () => import('./pages/issue-page.js'), needs: ['keys:issue'], menu: true},
  {path: '/keys/:keyId', title: 'Key', element: 'key-page', load: () => import('./pages/key-page.js'), needs: ['keys:read']},

  // The record of what happened
  {path: '/audit', title: 'Audit', element: 'audit-page', load: () => import('./pages/audit-page.js'), needs: ['audit:read'], menu: true},
  {path: '/proofs', title: 'Proofs', element: 'proofs-page', load: () => import('./pages/proofs-page.js'), needs: ['audit:read'], menu: true},

  // How the service is set up
  {path: '/operators', title: 'Operators', element: 'operators-page', load: () => import('./pages/operators-page.js'), needs: ['keys:read'], menu: true},
  {path: '/operators/:keyId', title: 'Operator', element: 'operator-page', load: () => import('./pages/operator-page.js'), needs: ['keys:read']},
  {path: '/webhooks', title: 'Webhooks', element: 'webhooks-page', load: () => import('./pages/webhooks-page.js'), needs: ['webhooks'], menu: true},
  {path: '/webhooks/:webhookId', title: 'Webhook', element: 'webhook-page', load: () => import('./pages/webhook-page.js'), needs: ['webhooks']},
  {path: '/workspaces', title: 'Workspaces', element: 'workspaces-page', load: () => import('./pages/workspaces-page.js'), needs: ['root'], menu: true},
  {path: '/workspaces/:workspace', title: 'Workspace', element: 'workspace-page', load: () => import('./pages/workspace-page.js'), needs: ['root']},
  {path: '/nodes', title: 'Nodes', element: 'nodes-page', load: () => import('./pages/nodes-page.js'), needs: ['audit:read'], menu: true},

];
