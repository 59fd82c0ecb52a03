package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import java.time.Instant;

/**
 * A key of which something is due.
 *
 * @param workspace its workspace
 * @param dueAt the first time at which something is due that is not known to be recorded; what was
 *     due before is recorded, or never will be
 * @param firstUseOf the generation whose secret was used first, if the key is due because of that;
 *     otherwise 0
 */
public record DueKey(KeyId keyId, String workspace, Instant dueAt, int firstUseOf) {}
