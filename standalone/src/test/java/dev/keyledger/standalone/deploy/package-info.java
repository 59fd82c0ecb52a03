/** The files of the directory {@code deploy}: what they set up works, or at least fits together. */
@NullMarked
package dev.keyledger.standalone.deploy;

import org.jspecify.annotations.NullMarked;
