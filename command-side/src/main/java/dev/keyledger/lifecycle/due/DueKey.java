package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import java.time.Instant;

/**
 * A key of which something is due.
 *
 * @param workspace its workspace
 * @param dueAt the first time at which something is due that is not known to be recorded; what was
 *     due before is recorded, or never will be
 */
public record DueKey(KeyId keyId, String workspace, Instant dueAt) {}
