/** Tests of guarded applications without a service. Used by tests only. */
@NullMarked
package dev.keyledger.spring.test;

import org.jspecify.annotations.NullMarked;
