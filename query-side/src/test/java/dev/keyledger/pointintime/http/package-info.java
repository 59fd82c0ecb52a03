@NullMarked
package dev.keyledger.pointintime.http;

import org.jspecify.annotations.NullMarked;
