/**
 * The meaning of a key's conditions: which permissions cover which, and which addresses a list
 * allows. Pure functions of the JDK alone, for Java 17 and later: the server and its clients share
 * them, so that both judge a key alike.
 */
@NullMarked
package dev.keyledger.conditions;

import org.jspecify.annotations.NullMarked;
