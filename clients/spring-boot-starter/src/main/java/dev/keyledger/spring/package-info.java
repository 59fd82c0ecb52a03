/**
 * Guards an application of Spring Boot with API keys of Keyledger. {@code keyledger.url}, {@code
 * keyledger.key} and {@code keyledger.workspace} are enough; each further type here is for an
 * application that wants more.
 */
@NullMarked
package dev.keyledger.spring;

import org.jspecify.annotations.NullMarked;
