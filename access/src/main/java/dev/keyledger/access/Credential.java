package dev.keyledger.access;

import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;

/**
 * A credential as it was presented.
 *
 * @param secret what was presented
 * @param address the IP address that it came from
 * @param knowledgeAgeMax how old this node's knowledge of keys may be for the request
 */
public record Credential(KeySecret secret, String address, Duration knowledgeAgeMax) {}
