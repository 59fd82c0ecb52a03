/** The thin shell round the decider that Axon sees; nothing else imports it but the wiring. */
@NullMarked
package dev.keyledger.lifecycle.axon;

import org.jspecify.annotations.NullMarked;
