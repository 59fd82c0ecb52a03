/**
 * Callers and their rights: credentials, the permissions of their bearers, and the ceiling on what
 * they may grant.
 */
@NullMarked
package dev.keyledger.access;

import org.jspecify.annotations.NullMarked;
