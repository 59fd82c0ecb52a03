/**
 * The parts of a jar besides its node: its commands, its help, and the check of the environment
 * that comes before everything else. The main classes of the three applications use it.
 *
 * @see dev.keyledger.node.commands.CommandLineTest
 */
@NullMarked
package dev.keyledger.node.commands;

import org.jspecify.annotations.NullMarked;
