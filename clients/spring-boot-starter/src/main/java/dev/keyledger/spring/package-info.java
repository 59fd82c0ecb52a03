/**
 * Guards an application of Spring Boot with API keys of Keyledger. {@code keyledger.url}, {@code
 * keyledger.key} and {@code keyledger.workspace} are enough; the other types are for further needs.
 */
@NullMarked
package dev.keyledger.spring;

import org.jspecify.annotations.NullMarked;
