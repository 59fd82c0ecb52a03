package dev.keyledger.lifecycle;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.events.Owner;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The attributes of a new key. */
public record KeySpecification(
    KeyName name,
    Owner owner,
    Environment environment,
    List<Permission> permissions,
    RequestedExpiry expiry,
    @Nullable Instant notBefore,
    IpAllowList ipAllowList,
    Metadata metadata) {}
