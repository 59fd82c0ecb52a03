package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import java.time.Instant;

/**
 * A key with a due change.
 *
 * @param workspace its workspace
 * @param dueAt the earliest due time that may be unrecorded; anything due before is recorded, or
 *     never will be
 * @param firstUseOf the generation whose secret was used first, if the key is due because of that;
 *     otherwise 0
 */
public record DueKey(KeyId keyId, String workspace, Instant dueAt, int firstUseOf) {}
