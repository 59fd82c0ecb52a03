package dev.keyledger.lifecycle;

import dev.keyledger.access.Ceiling;
import dev.keyledger.events.WorkspacePolicy;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under what circumstances a command is given: all that a decision may depend on beside the key.
 *
 * @param workspace the workspace that the caller acts in
 * @param expectedVersions the versions of which the key must have one ({@code If-Match}); null: any
 * @param now the time of the command
 * @param policy the policy in force in the workspace
 * @param ceiling what the caller may put on keys
 */
public record Circumstances(
    String workspace,
    @Nullable Set<Long> expectedVersions,
    Instant now,
    WorkspacePolicy policy,
    Ceiling ceiling) {}
