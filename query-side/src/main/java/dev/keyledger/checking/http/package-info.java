/**
 * The HTTP faces of verification: {@code verify}, {@code verify/batch} and {@code forward-auth}.
 * The handler knows no transport; the filter hands it what the servlet container receives.
 */
@NullMarked
package dev.keyledger.checking.http;

import org.jspecify.annotations.NullMarked;
