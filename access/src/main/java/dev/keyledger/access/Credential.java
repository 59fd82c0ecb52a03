package dev.keyledger.access;

import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;

/**
 * A presented credential.
 *
 * @param secret the presented secret
 * @param address the IP address that it came from
 * @param knowledgeAgeMax the maximum age of this node's knowledge of keys for the request
 */
public record Credential(KeySecret secret, String address, Duration knowledgeAgeMax) {}
