package dev.keyledger.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.keyledger.delivery.Attempt.Outcome;
import dev.keyledger.delivery.Attempt.Transport;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.WebhookKind;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.supervision.SupervisedThread;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims due deliveries, has them sent, and records the outcomes.
 *
 * <p>One thread, the dispatcher, uses the database; {@link #SENDERS} others send. Each round of the
 * dispatcher is one transaction: it records finished deliveries, and claims due ones for the free
 * senders. A claim is a lease: if its node dies, the delivery is due again after {@link #LEASE}.
 * The rows of webhooks are locked first, in the order of their ids, and those that another node has
 * locked are skipped; so two nodes never send the same delivery at the same time.
 *
 * <p>No receiver delays another for long: a webhook has at most {@link #AT_ONCE_OF_WEBHOOK} senders
 * of a node, a workspace {@link #AT_ONCE_OF_WORKSPACE}, and mail {@link #AT_ONCE_OF_MAIL}. A
 * webhook is unproven as long as its latest attempt was slow or did not succeed, which holds for a
 * new one too: such a webhook has one sender, those of a workspace have {@link
 * #AT_ONCE_OF_UNPROVEN_OF_WORKSPACE}, and all of them {@link #AT_ONCE_OF_UNPROVEN}.
 *
 * <p>Memory holds no more deliveries than there are senders.
 */
public final class Dispatcher implements AutoCloseable {
  /** The maximum number of deliveries that a node sends at once. */
  public static final int SENDERS = 64;

  /** The maximum number of them that belong to one workspace. */
  public static final int AT_ONCE_OF_WORKSPACE = 16;

  /** The maximum number of them that belong to one webhook. */
  public static final int AT_ONCE_OF_WEBHOOK = 8;

  /**
   * The maximum number of them that are mails, because one server takes those of all workspaces.
   */
  public static final int AT_ONCE_OF_MAIL = 8;

  /** The maximum number of them that belong to unproven webhooks. */
  public static final int AT_ONCE_OF_UNPROVEN = 32;

  /** The maximum number of them that belong to unproven webhooks of one workspace. */
  public static final int AT_ONCE_OF_UNPROVEN_OF_WORKSPACE = 4;

  /** The duration of a claim, by PostgreSQL's clock. */
  static final Duration LEASE = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(200);

  /** The minimum time between rounds: each costs more than the deliveries that it serves. */
  private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(5);

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
  private static final Duration TAKE_WAIT = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  static final String LOCK =
      "SELECT FROM delivery.webhook WHERE webhook_id = ANY (?) ORDER BY webhook_id FOR UPDATE";

  private static final String DUE_WEBHOOKS =
      """
      SELECT webhook_id, workspace, kind, unproven FROM delivery.webhook
      WHERE enabled AND NOT deleted AND due_at <= clock_timestamp()
        AND webhook_id <> ALL (?) AND workspace <> ALL (?) AND NOT (kind = 'email' AND ?)
        AND NOT (unproven AND (? OR webhook_id = ANY (?) OR workspace = ANY (?)))
      ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED
      """;

  private static final String CLAIM =
      """
      UPDATE delivery.delivery d SET lease = ?, due_at = clock_timestamp() + ? * interval '1 second'
      FROM delivery.webhook w
      WHERE w.webhook_id = d.webhook_id AND d.number IN (
        SELECT number FROM delivery.delivery
        WHERE webhook_id = ? AND status = 'pending' AND due_at <= clock_timestamp()
        ORDER BY due_at, number LIMIT ?)
      RETURNING d.number, d.delivery_id, d.webhook_id, d.type, d.subject, d.owner_type, d.owner_id,
        d.position, d.retries, d.created_at, w.workspace, w.kind, w.target, w.secret,
        w.previous_secret, w.overlap_ends_at, w.unproven
      """;

  static final String NEXT_DUE =
      """
      UPDATE delivery.webhook w SET due_at = (
        SELECT min(due_at) FROM delivery.delivery d
        WHERE d.webhook_id = w.webhook_id AND status = 'pending' AND due_at IS NOT NULL)
      WHERE w.webhook_id = ANY (?)
      """;

  private static final String FINISH =
      """
      UPDATE delivery.delivery SET status = ?, attempts = attempts + 1, due_at = NULL, lease = NULL,
        response_status = ?, response_body = ?
      WHERE number = ? AND lease = ?
      """;

  private static final String RETRY =
      """
      UPDATE delivery.delivery SET attempts = attempts + 1, retries = retries + 1, lease = NULL,
        due_at = clock_timestamp() + ? * interval '1 millisecond',
        response_status = ?, response_body = ?
      WHERE number = ? AND lease = ?
      """;

  private static final String RELEASE =
      "UPDATE delivery.delivery SET lease = NULL, due_at = clock_timestamp()"
          + " WHERE number = ? AND lease = ?";

  /**
   * The update that makes the next delivery of a subject due, unless an earlier one is in progress.
   */
  static final String NEXT_OF_SUBJECT =
      """
      UPDATE delivery.delivery SET due_at = clock_timestamp()
      WHERE number = (
        SELECT min(number) FROM delivery.delivery
        WHERE webhook_id = ? AND subject = ? AND status = 'pending' AND due_at IS NULL)
      AND NOT EXISTS (
        SELECT FROM delivery.delivery earlier
        WHERE earlier.webhook_id = delivery.webhook_id AND earlier.subject = delivery.subject
          AND earlier.status = 'pending' AND earlier.in_order AND earlier.number < delivery.number)
      """;

  private static final String UNPROVEN =
      "UPDATE delivery.webhook SET unproven = ? WHERE webhook_id = ANY (?) AND unproven <> ?";

  private static final Map<String, WebhookKind> KINDS =
      Arrays.stream(WebhookKind.values())
          .collect(Collectors.toUnmodifiableMap(WebhookKind::toString, kind -> kind));

  /** Disables a webhook whose receiver is gone (HTTP 410). */
  @FunctionalInterface
  public interface WebhookDisabler {
    /** Disables a webhook; has no effect if it is disabled already, or no longer exists. */
    void disable(String workspace, String webhookId);
  }

  /** A delivery that this node has claimed. */
  private record Claimed(
      long number,
      String deliveryId,
      String webhookId,
      String workspace,
      WebhookKind kind,
      String subject,
      int retries,
      boolean unproven,
      String lease,
      @Nullable Attempt attempt,
      long claimedNanos) {}

  /**
   * A claimed delivery that its sender has finished.
   *
   * @param outcome null: it was not sent
   * @param isFast whether the attempt was not slow
   */
  private record Done(Claimed claimed, @Nullable Outcome outcome, boolean isFast) {}

  private final DeliveryDatabase database;
  private final EventCodec codec;
  private final SealedValues values;
  private final Envelopes envelopes;
  private final Map<WebhookKind, Transport> transports;
  private final WebhookDisabler disabler;
  private final Cleanup cleanup;
  private final Consumer<Outcome> listener;
  private final InstantSource clock;
  private final AttemptTimes times;
  private final String node = UUID.randomUUID().toString();
  private final RandomGenerator random = RandomGenerator.getDefault();

  private final Thread thread;
  private final List<Thread> senders;
  private final BlockingQueue<Claimed> toSend = new ArrayBlockingQueue<>(SENDERS);
  private final Map<Long, Claimed> underWay = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();
  private final List<Done> unrecorded = new ArrayList<>();
  private long rounds;
  private volatile boolean closed;

  /**
   * Creates a dispatcher; {@link #start} makes it run.
   *
   * @param transports the transports by kind; without one for mail, other nodes send mails
   * @param listener receives the outcome of each attempt
   */
  public Dispatcher(
      DeliveryDatabase database,
      EventCodec codec,
      SealedValues values,
      Envelopes envelopes,
      Map<WebhookKind, Transport> transports,
      WebhookDisabler disabler,
      Consumer<Outcome> listener,
      InstantSource clock) {
    this(
        database,
        codec,
        values,
        envelopes,
        transports,
        disabler,
        listener,
        clock,
        AttemptTimes.DEFAULT);
  }

  /** Creates a dispatcher with other times. */
  Dispatcher(
      DeliveryDatabase database,
      EventCodec codec,
      SealedValues values,
      Envelopes envelopes,
      Map<WebhookKind, Transport> transports,
      WebhookDisabler disabler,
      Consumer<Outcome> listener,
      InstantSource clock,
      AttemptTimes times) {
    this.database = database;
    this.codec = codec;
    this.values = values;
    this.envelopes = envelopes;
    this.transports = Map.copyOf(transports);
    this.disabler = disabler;
    this.cleanup = new Cleanup(values);
    this.listener = listener;
    this.clock = clock;
    this.times = times;
    this.thread = SupervisedThread.unstarted("keyledger-dispatcher", () -> !closed, this::run);
    this.senders =
        IntStream.range(0, SENDERS)
            .mapToObj(i ->
                SupervisedThread.unstarted("keyledger-sender-" + i, () -> !closed, this::sendAll))
            .toList();
  }

  /** Starts delivering. Called once. */
  public void start() {
    thread.start();
    senders.forEach(Thread::start);
  }

  /** Makes the dispatcher look for due deliveries at once. */
  public void wakeUp() {
    LockSupport.unpark(thread);
  }

  /** Returns the number of deliveries that this node is sending. */
  public int underWay() {
    return underWay.size();
  }

  private void run() {
    while (!closed) {
      cancelOverdue();
      try {
        long begun = System.nanoTime();
        if (round()) {
          waitUntil(begun + BETWEEN_ROUNDS.toNanos());
        } else if (!cleanup.runIfDue(database)) {
          LockSupport.parkNanos(this, POLL.toNanos());
        }
      } catch (SQLException | StoreUnavailableException e) {
        LOG.warn("Cannot deliver now, trying again in {}: {}", PAUSE, e.getMessage());
        LockSupport.parkNanos(this, PAUSE.toNanos());
      }
    }
    end();
  }

  private void waitUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(this, left); // finished deliveries wake it
    }
  }

  /** Records finished deliveries once more, so that as few as possible are sent again. */
  private void end() {
    long begun = System.nanoTime();
    while (!underWay.isEmpty() && System.nanoTime() - begun < CLOSE_WAIT_MAX.toNanos() / 2) {
      try {
        if (!round()) {
          LockSupport.parkNanos(this, POLL.toNanos());
        }
      } catch (SQLException | StoreUnavailableException e) {
        LOG.info("Cannot record the last deliveries; they are sent again: {}", e.getMessage());
        return;
      }
    }
  }

  /** Returns whether anything was done. */
  private boolean round() throws SQLException {
    for (Done next = done.poll(); next != null; next = done.poll()) {
      unrecorded.add(next);
    }
    List<Claimed> claimed = round(unrecorded);
    boolean any = !unrecorded.isEmpty() || !claimed.isEmpty();
    unrecorded.forEach(recorded -> underWay.remove(recorded.claimed.number));
    unrecorded.clear();
    for (Claimed next : claimed) {
      underWay.put(next.number, next);
      if (next.attempt == null) {
        finish(new Done(next, Outcome.NO_RESPONSE, true));
      } else {
        toSend.add(next);
      }
    }
    return any;
  }

  /** Records finished deliveries and claims due ones, in one transaction. */
  private List<Claimed> round(List<Done> finished) throws SQLException {
    var atWork = new ArrayList<>(underWay.values());
    finished.forEach(recorded -> atWork.remove(recorded.claimed));
    int free = closed ? 0 : SENDERS - atWork.size();
    return database.inTransaction(connection -> {
      record(connection, finished);
      List<Claimed> claimed = free > 0 ? claim(connection, atWork, free) : List.of();
      Set<String> touched =
          Stream.concat(finished.stream().map(Done::claimed), claimed.stream())
              .map(Claimed::webhookId)
              .collect(Collectors.toCollection(TreeSet::new));
      if (!touched.isEmpty()) {
        DeliveryDatabase.update(connection, NEXT_DUE, touched);
      }
      return claimed;
    });
  }

  private void record(Connection connection, List<Done> finished) throws SQLException {
    if (finished.isEmpty()) {
      return;
    }
    var unproven = new TreeSet<String>();
    var proven = new TreeSet<String>();
    Set<String> webhooks =
        finished.stream().map(one -> one.claimed.webhookId).collect(Collectors.toSet());
    DeliveryDatabase.query(connection, LOCK, _ -> 0, webhooks);
    for (Done one : finished) {
      Outcome outcome = one.outcome;
      if (outcome == null) {
        DeliveryDatabase.update(connection, RELEASE, one.claimed.number, one.claimed.lease);
        continue;
      }
      boolean proves = one.isFast && outcome.result() == Attempt.Result.ACCEPTED;
      (proves ? proven : unproven).add(one.claimed.webhookId);
      record(connection, one.claimed, outcome);
    }
    proven.removeAll(unproven);
    DeliveryDatabase.update(connection, UNPROVEN, true, unproven, true);
    DeliveryDatabase.update(connection, UNPROVEN, false, proven, false);
  }

  private void record(Connection connection, Claimed claimed, Outcome outcome) throws SQLException {
    Optional<Duration> pause =
        outcome.result() == Attempt.Result.FAILED
            ? RetryPlan.pause(claimed.retries, outcome.retryAfter(), random)
            : Optional.empty();
    byte[] body = outcome.status() == null ? null : outcome.body().getBytes(UTF_8);
    if (pause.isPresent()) {
      DeliveryDatabase.update(
          connection,
          RETRY,
          pause.get().toMillis(),
          outcome.status(),
          body,
          claimed.number,
          claimed.lease);
      return;
    }
    DeliveryStatus status =
        outcome.result() == Attempt.Result.ACCEPTED
            ? DeliveryStatus.DELIVERED
            : DeliveryStatus.DEAD;
    DeliveryDatabase.update(
        connection,
        FINISH,
        status.toString(),
        outcome.status(),
        body,
        claimed.number,
        claimed.lease);
    DeliveryDatabase.update(connection, NEXT_OF_SUBJECT, claimed.webhookId, claimed.subject);
  }

  /** A row of a claimed delivery, with the data for its attempt. */
  private record Row(
      long number,
      String deliveryId,
      String webhookId,
      String type,
      String subject,
      @Nullable Owner owner,
      @Nullable Long position,
      int retries,
      Instant createdAt,
      String workspace,
      WebhookKind kind,
      String target,
      List<String> secrets,
      boolean unproven) {}

  private record DueWebhook(
      String webhookId, String workspace, WebhookKind kind, boolean unproven) {}

  private List<Claimed> claim(Connection connection, List<Claimed> atWork, int free)
      throws SQLException {
    Map<String, Long> ofWebhook = counted(atWork.stream().map(Claimed::webhookId));
    Map<String, Long> ofWorkspace = counted(atWork.stream().map(Claimed::workspace));
    long mail = atWork.stream().filter(one -> one.kind == WebhookKind.EMAIL).count();
    Map<String, Long> unprovenOfWorkspace =
        counted(atWork.stream().filter(Claimed::unproven).map(Claimed::workspace));
    long unproven = unprovenOfWorkspace.values().stream().mapToLong(Long::longValue).sum();
    List<DueWebhook> due =
        DeliveryDatabase.query(
            connection,
            DUE_WEBHOOKS,
            row ->
                new DueWebhook(
                    row.getString(1), row.getString(2), kind(row.getString(3)), row.getBoolean(4)),
            full(ofWebhook, AT_ONCE_OF_WEBHOOK),
            full(ofWorkspace, AT_ONCE_OF_WORKSPACE),
            mail >= AT_ONCE_OF_MAIL || !transports.containsKey(WebhookKind.EMAIL),
            unproven >= AT_ONCE_OF_UNPROVEN,
            ofWebhook.keySet(),
            full(unprovenOfWorkspace, AT_ONCE_OF_UNPROVEN_OF_WORKSPACE),
            free);
    String lease = node + "/" + ++rounds;
    var rows = new ArrayList<Row>();
    for (DueWebhook webhook : due) {
      boolean isMail = webhook.kind == WebhookKind.EMAIL;
      long ofThis =
          webhook.unproven
              ? Math.min(
                  Math.min(1, AT_ONCE_OF_UNPROVEN - unproven),
                  AT_ONCE_OF_UNPROVEN_OF_WORKSPACE
                      - unprovenOfWorkspace.getOrDefault(webhook.workspace, 0L))
              : AT_ONCE_OF_WEBHOOK - ofWebhook.getOrDefault(webhook.webhookId, 0L);
      long max =
          Math.min(
              isMail ? Math.min(ofThis, AT_ONCE_OF_MAIL - mail) : ofThis,
              Math.min(
                  AT_ONCE_OF_WORKSPACE - ofWorkspace.getOrDefault(webhook.workspace, 0L),
                  free - rows.size()));
      if (max > 0) {
        List<Row> claimed =
            DeliveryDatabase.query(
                connection,
                CLAIM,
                this::read,
                lease,
                LEASE.toSeconds(),
                webhook.webhookId,
                (int) max);
        rows.addAll(claimed);
        ofWorkspace.merge(webhook.workspace, (long) claimed.size(), Long::sum);
        mail += isMail ? claimed.size() : 0;
        if (webhook.unproven) {
          unproven += claimed.size();
          unprovenOfWorkspace.merge(webhook.workspace, (long) claimed.size(), Long::sum);
        }
        if (claimed.isEmpty()) {
          DeliveryDatabase.update(connection, NEXT_DUE, List.of(webhook.webhookId));
        }
      }
    }
    return claimed(connection, rows, lease);
  }

  private static WebhookKind kind(String name) {
    return requireNonNull(KINDS.get(name), "unknown kind");
  }

  private static Map<String, Long> counted(Stream<String> names) {
    return new HashMap<>(names.collect(Collectors.groupingBy(name -> name, Collectors.counting())));
  }

  private static List<String> full(Map<String, Long> counts, int max) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= max)
        .map(Map.Entry::getKey)
        .toList();
  }

  private Row read(ResultSet row) throws SQLException {
    long position = row.getLong("position");
    boolean isTest = row.wasNull();
    String secret = row.getString("secret");
    String previous = row.getString("previous_secret");
    Instant overlapEndsAt = DeliveryDatabase.time(row, "overlap_ends_at");
    boolean overlapping = overlapEndsAt != null && clock.instant().isBefore(overlapEndsAt);
    return new Row(
        row.getLong("number"),
        row.getString("delivery_id"),
        row.getString("webhook_id"),
        row.getString("type"),
        row.getString("subject"),
        DeliveryReader.ownerOf(row.getString("owner_type"), row.getString("owner_id")),
        isTest ? null : position,
        row.getInt("retries"),
        requireNonNull(DeliveryDatabase.time(row, "created_at")),
        row.getString("workspace"),
        kind(row.getString("kind")),
        row.getString("target"),
        Stream.of(secret, overlapping ? previous : null).filter(Objects::nonNull).toList(),
        row.getBoolean("unproven"));
  }

  private List<Claimed> claimed(Connection connection, List<Row> rows, String lease)
      throws SQLException {
    if (rows.isEmpty()) {
      return List.of();
    }
    Set<Long> positions =
        rows.stream().map(Row::position).filter(Objects::nonNull).collect(Collectors.toSet());
    Map<Long, LoggedEvent> events = LogReader.readAt(connection, codec, positions);
    var ids = new HashSet<String>();
    for (Row row : rows) {
      ids.add(row.target);
      ids.addAll(row.secrets);
    }
    Map<String, byte[]> kept = values.find(connection, ids);
    long now = System.nanoTime();
    return rows.stream()
        .map(row ->
            new Claimed(
                row.number,
                row.deliveryId,
                row.webhookId,
                row.workspace,
                row.kind,
                row.subject,
                row.retries,
                row.unproven,
                lease,
                attempt(row, events, kept),
                now))
        .toList();
  }

  /** Returns the attempt; null if its data cannot be read. */
  private @Nullable Attempt attempt(
      Row row, Map<Long, LoggedEvent> events, Map<String, byte[]> kept) {
    byte[] target = kept.get(row.target);
    if (target == null || !kept.keySet().containsAll(row.secrets)) {
      return null;
    }
    LoggedEvent event = row.position == null ? null : events.get(row.position);
    byte[] body =
        event == null
            ? envelopes.ofTest(row.deliveryId, row.webhookId, row.workspace, row.createdAt)
            : envelopes.of(event, row.owner);
    return new Attempt(
        row.deliveryId, row.kind, new String(target, UTF_8), secrets(row.secrets, kept), body);
  }

  private static List<byte[]> secrets(Collection<String> ids, Map<String, byte[]> kept) {
    return ids.stream().map(id -> requireNonNull(kept.get(id))).toList();
  }

  private void cancelOverdue() {
    long now = System.nanoTime();
    for (Claimed one : underWay.values()) {
      if (one.attempt != null && one.attempt.hasTakenLonger(times.max(), now)) {
        one.attempt.cancel();
      }
    }
  }

  private void sendAll() throws InterruptedException {
    while (!closed) {
      Claimed next = toSend.poll(TAKE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      if (next != null) {
        long begun = System.nanoTime();
        Outcome outcome = send(next);
        boolean isFast = System.nanoTime() - begun < times.slowAfter().toNanos();
        finish(new Done(next, outcome, isFast));
      }
    }
  }

  /**
   * Sends a delivery; returns null if it was too late to send it, or this node stopped meanwhile.
   */
  private @Nullable Outcome send(Claimed claimed) {
    try {
      Outcome outcome = sent(claimed);
      return closed && outcome != null && outcome.result() == Attempt.Result.FAILED
          ? null
          : outcome;
    } catch (RuntimeException e) {
      LOG.error("Delivery {} cannot be sent", claimed.deliveryId, e);
      return Outcome.NO_RESPONSE;
    }
  }

  private @Nullable Outcome sent(Claimed claimed) {
    Attempt attempt = requireNonNull(claimed.attempt);
    if (System.nanoTime() - claimed.claimedNanos > times.waitMax().toNanos()) {
      return null;
    }
    attempt.begin();
    Outcome outcome = requireNonNull(transports.get(attempt.kind())).send(attempt);
    listener.accept(outcome);
    if (outcome.result() != Attempt.Result.GONE) {
      return outcome;
    }
    try {
      disabler.disable(claimed.workspace, claimed.webhookId);
      return outcome;
    } catch (RuntimeException e) {
      LOG.warn("Cannot disable webhook {} now: {}", claimed.webhookId, e.getMessage());
      return new Outcome(Attempt.Result.FAILED, outcome.status(), outcome.body(), null);
    }
  }

  private void finish(Done one) {
    done.add(one);
    wakeUp();
  }

  /** Cancels attempts in progress; their leases expire, and another node sends them again. */
  @Override
  public void close() {
    closed = true;
    underWay.values().stream()
        .map(Claimed::attempt)
        .filter(Objects::nonNull)
        .forEach(Attempt::cancel);
    wakeUp();
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WAIT_MAX)) {
        LOG.warn("the dispatcher still waits for PostgreSQL at shutdown; abandoning its thread");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
