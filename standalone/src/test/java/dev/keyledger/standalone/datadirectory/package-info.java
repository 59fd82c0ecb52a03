@NullMarked
package dev.keyledger.standalone.datadirectory;

import org.jspecify.annotations.NullMarked;
