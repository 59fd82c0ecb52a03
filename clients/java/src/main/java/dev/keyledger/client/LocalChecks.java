package dev.keyledger.client;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Decides checks in the client while that is safe; otherwise asks the service. Thread-safe. */
final class LocalChecks implements Checks.Local, Changes, AutoCloseable {
  /** The longest string that is looked up. */
  private static final int KEY_CHARS_MAX = 4096;

  private final LocalDecisions settings;
  private final LongSupplier nanos;
  private final FeedClock clock = new FeedClock();
  private final DecisionCache cache;
  private final FeedReader reader;
  private final LongAdder local = new LongAdder();
  private final LongAdder asked = new LongAdder();
  private final LongAdder cutOff = new LongAdder();

  private LocalChecks(LocalDecisions settings, Transport transport, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    this.cache = new DecisionCache(settings.entriesMax());
    this.reader = new FeedReader(transport, clock, cache, settings.maxStaleness(), nanos);
  }

  /**
   * @param nanos the clock of this machine, of any origin
   */
  static LocalChecks start(LocalDecisions settings, Transport transport, LongSupplier nanos) {
    var checks = new LocalChecks(settings, transport, nanos);
    checks.reader.start();
    return checks;
  }

  /** Returns the current reading of the feed's clock. */
  FeedClock.Reading feed() {
    return clock.reading();
  }

  LocalDecisions.Stats stats() {
    return new LocalDecisions.Stats(
        local.sum(),
        asked.sum(),
        cutOff.sum(),
        cache.size(),
        clock.reading().isFresh(nanos.getAsLong(), settings.maxStaleness()));
  }

  @Override
  public Decision verify(Check check, Call.Maker calls) {
    if (check.isExplained()
        || calls.options().atLeast() != null
        || check.key().length() > KEY_CHARS_MAX) {
      asked.increment();
      return Checks.Local.NONE.verify(check, calls);
    }
    DecisionCache.Hash hash = cache.hash(check.key());
    long now = nanos.getAsLong();
    DecisionCache.Entry known = cache.find(hash);
    if (known != null && now - known.storedNanos < LocalDecisions.ASKED_AGAIN.toNanos()) {
      FeedClock.Reading feed = clock.reading();
      // The entry is read after the feed, so that every change up to the feed's position is seen.
      if (feed.isFresh(now, ageMax(check)) && cache.isValid(known)) {
        local.increment();
        return decide(known, check, feed, now, Decision.Source.LOCAL);
      }
    }
    return ask(check, calls, hash, known);
  }

  private Decision ask(
      Check check, Call.Maker calls, DecisionCache.Hash hash, DecisionCache.@Nullable Entry known) {
    asked.increment();
    long stamp = cache.stamp();
    try {
      Fields fields =
          calls
              .ask(Transport.Side.CHECKS, "verify")
              .with(check.fields())
              .with("cacheable", true)
              .send()
              .fields();
      Decision answer = Decision.of(fields);
      keep(hash, fields, answer, stamp);
      return answer;
    } catch (KeyledgerException.Unavailable cutOffToo) {
      FeedClock.Reading feed = clock.reading();
      long now = nanos.getAsLong();
      boolean allowed =
          known != null
              && cache.isValid(known)
              && !settings.allowWhenCutOff().isZero()
              && feed.age(now).compareTo(settings.allowWhenCutOff()) <= 0;
      if (known == null || !allowed) {
        throw cutOffToo;
      }
      cutOff.increment();
      return decide(known, check, feed, now, Decision.Source.LOCAL_CUT_OFF);
    }
  }

  /** Caches an answer, unless the feed is older than allowed, or newer than the answer. */
  private void keep(DecisionCache.Hash hash, Fields fields, Decision answer, long stamp) {
    long now = nanos.getAsLong();
    clock.answer(answer.asOf(), now);
    FeedClock.Reading feed = clock.reading();
    if (feed.isFresh(now, settings.maxStaleness()) && answer.position() >= feed.position()) {
      CachedKey key = CachedKey.of(fields, answer);
      if (key != null) {
        cache.put(hash, key, stamp, now);
      }
    }
  }

  private Duration ageMax(Check check) {
    Duration age = check.age();
    return age != null && age.compareTo(settings.maxStaleness()) < 0
        ? age
        : settings.maxStaleness();
  }

  private static Decision decide(
      DecisionCache.Entry known,
      Check check,
      FeedClock.Reading feed,
      long nanos,
      Decision.Source source) {
    return known.key.decide(
        check,
        FeedClock.instantOf(feed.now(nanos)),
        feed.position(),
        FeedClock.instantOf(feed.asOf()),
        source);
  }

  @Override
  public void changed(String keyId) {
    cache.changed(keyId);
  }

  @Override
  public void manyChanged() {
    cache.clear();
  }

  @Override
  public void close() {
    reader.close();
  }
}
