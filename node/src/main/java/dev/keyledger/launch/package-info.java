/**
 * How the three applications start: the main classes of the jars, compiled for Java 17 so that an
 * older Java runs far enough to say what is missing.
 *
 * <p>Only JDK 17 types here, and nothing of Keyledger's other packages. Whatever starts up may
 * throw {@link dev.keyledger.launch.StartupRefusedException}.
 *
 * @see dev.keyledger.launch.LauncherTest
 */
@NullMarked
package dev.keyledger.launch;

import org.jspecify.annotations.NullMarked;
