/** Tests of {@code verify-log}, with a tree, exports and signatures made by code of their own. */
@NullMarked
package dev.keyledger.verifylog;

import org.jspecify.annotations.NullMarked;
