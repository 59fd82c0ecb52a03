@NullMarked
package dev.keyledger.node.commands;

import org.jspecify.annotations.NullMarked;
