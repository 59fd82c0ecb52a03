/**
 * The everyday requests of clients, over HTTP against the released jars, filed by their answers.
 */
@NullMarked
package dev.keyledger.standalone.everyday;

import org.jspecify.annotations.NullMarked;
