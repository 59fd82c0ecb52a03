/**
 * The main classes of the three jars. They are compiled for Java 17, so that an older Java can
 * still print which version is required.
 *
 * <p>This package uses only JDK 17 types and no other package of Keyledger. Any code that runs at
 * the start may throw {@link dev.keyledger.launch.StartupRefusedException}.
 *
 * @see dev.keyledger.launch.LauncherTest
 */
@NullMarked
package dev.keyledger.launch;

import org.jspecify.annotations.NullMarked;
