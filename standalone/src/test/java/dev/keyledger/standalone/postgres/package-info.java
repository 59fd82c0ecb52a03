@NullMarked
package dev.keyledger.standalone.postgres;

import org.jspecify.annotations.NullMarked;
