/** The web console and the holders' page, driven by a browser against the released jar. */
@NullMarked
package dev.keyledger.standalone.console;

import org.jspecify.annotations.NullMarked;
