/** The lists of keys and audit entries against the real jar. */
@NullMarked
package dev.keyledger.standalone.lists;

import org.jspecify.annotations.NullMarked;
