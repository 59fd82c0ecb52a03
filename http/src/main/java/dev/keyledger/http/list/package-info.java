/**
 * The parameters and cursors that all lists share. Controllers use it; domain packages never import
 * it.
 *
 * @see dev.keyledger.http.list.Cursors
 */
@NullMarked
package dev.keyledger.http.list;

import org.jspecify.annotations.NullMarked;
