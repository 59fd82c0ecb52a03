@NullMarked
package dev.keyledger.projection.http;

import org.jspecify.annotations.NullMarked;
