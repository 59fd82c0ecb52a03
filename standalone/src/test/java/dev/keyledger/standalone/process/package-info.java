@NullMarked
package dev.keyledger.standalone.process;

import org.jspecify.annotations.NullMarked;
