/** Holds the documentation to what the released jars really do. */
@NullMarked
package dev.keyledger.standalone.readme;

import org.jspecify.annotations.NullMarked;
