@NullMarked
package dev.keyledger.client;

import org.jspecify.annotations.NullMarked;
