@NullMarked
package dev.keyledger.files;

import org.jspecify.annotations.NullMarked;
