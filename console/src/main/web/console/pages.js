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

  // How the service is set up

];
