/** Tests of the documentation against the released jars. */
@NullMarked
package dev.keyledger.standalone.readme;

import org.jspecify.annotations.NullMarked;
