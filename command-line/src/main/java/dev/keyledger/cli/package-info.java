/**
 * The commands of {@code keyledger.jar} that are requests to a running service. {@link
 * dev.keyledger.cli.Cli} is the entry point; it starts no node. Uses the Java client only.
 *
 * @see dev.keyledger.cli.CliTest
 */
@NullMarked
package dev.keyledger.cli;

import org.jspecify.annotations.NullMarked;
