@NullMarked
package dev.keyledger.spring;

import org.jspecify.annotations.NullMarked;
