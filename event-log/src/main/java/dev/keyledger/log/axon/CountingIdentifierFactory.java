package dev.keyledger.log.axon;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.axonframework.common.IdentifierFactory;

/**
 * Generates the ids of Axon's messages from a random UUID of this process and a counter. Axon's own
 * factory calls SecureRandom for each message, which costs more than the rest of a message. Nothing
 * here requires these ids to be unpredictable.
 *
 * <p>Registered in {@code META-INF/services}.
 */
public final class CountingIdentifierFactory extends IdentifierFactory {
  private final String prefix = UUID.randomUUID() + "-";
  private final AtomicLong count = new AtomicLong();

  @Override
  public String generateIdentifier() {
    return prefix + count.incrementAndGet();
  }
}
