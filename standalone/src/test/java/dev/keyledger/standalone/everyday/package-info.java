/**
 * What clients meet every day, over HTTP against the released jars, filed by what they are
 * answered.
 */
@NullMarked
package dev.keyledger.standalone.everyday;

import org.jspecify.annotations.NullMarked;
