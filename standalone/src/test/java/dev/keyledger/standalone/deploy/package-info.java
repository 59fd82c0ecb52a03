/** The files of the directory {@code deploy}: they work, or at least fit together. */
@NullMarked
package dev.keyledger.standalone.deploy;

import org.jspecify.annotations.NullMarked;
