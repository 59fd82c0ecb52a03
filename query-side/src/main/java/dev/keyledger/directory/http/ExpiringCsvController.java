package dev.keyledger.directory.http;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.keyledger.access.Caller;
import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.directory.Directory;
import dev.keyledger.directory.Directory.ExpiringCursor;
import dev.keyledger.directory.Directory.SentReminder;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.http.AnswerCutShortException;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.KeyAnswers;
import dev.keyledger.http.list.ListCall;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.Needs;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.http.ListAnswers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;
import tools.jackson.dataformat.csv.CsvWriteFeature;

/** Streams the expiring keys as a table for spreadsheets, without pages. */
@RestController
class ExpiringCsvController {
  /** The maximum number of rows: the keys that expire first. */
  static final int KEYS_MAX = 10_000;

  /** The maximum number of concurrent tables of a node; each occupies a thread. */
  static final int AT_ONCE_MAX = 4;

  /** The maximum number of concurrent tables of one workspace. */
  static final int AT_ONCE_OF_WORKSPACE_MAX = 2;

  private static final String CONTENT_TYPE = "text/csv;charset=UTF-8";
  private static final MediaType TYPE = new MediaType("text", "csv");
  private static final int KEYS_READ_AT_ONCE = 200;

  /** The characters at the beginning of a cell that make a spreadsheet evaluate it (CWE-1236). */
  private static final String FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

  private static final Logger LOG = LoggerFactory.getLogger(ExpiringCsvController.class);

  /**
   * The writer of CSV. Leaves the answer open, so that a truncated one does not end like a complete
   * one.
   */
  private static final CsvMapper CSV =
      CsvMapper.builder(CsvFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build())
          .enable(CsvWriteFeature.STRICT_CHECK_FOR_QUOTING)
          .build();

  private static final CsvSchema COLUMNS = CSV.schemaFor(Row.class).withHeader();

  private final Directory directory;
  private final PositionWatch watch;
  private final PositionTokens tokens;
  private final InstantSource clock;
  private final ConcurrencyLimit<String> turns =
      new ConcurrencyLimit<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);

  ExpiringCsvController(
      Directory directory,
      DirectoryProjection projection,
      ProjectionDatabase database,
      PositionTokens tokens,
      InstantSource clock) {
    this.directory = directory;
    this.watch = database.watch(projection);
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * A key as a row.
   *
   * @param expiresAt absent if the key no longer expires after a renewal
   * @param remindersSent the time from each reminder to the expiry, separated by spaces
   */
  @JsonPropertyOrder({
    "keyId",
    "name",
    "ownerType",
    "ownerId",
    "environment",
    "status",
    "expiresAt",
    "renewableUntil",
    "lastUsedAt",
    "remindersSent"
  })
  record Row(
      String keyId,
      String name,
      String ownerType,
      String ownerId,
      String environment,
      String status,
      @Nullable Instant expiresAt,
      @Nullable Instant renewableUntil,
      @Nullable Instant lastUsedAt,
      String remindersSent) {
    static Row of(KeyView view, Instant now, @Nullable LastUse used, List<SentReminder> reminders) {
      KeyResource key = KeyResource.of(view, now, used);
      return new Row(
          key.keyId(),
          harmless(key.name()),
          key.owner().type().toString(),
          harmless(key.owner().id()),
          key.environment().toString(),
          key.status().toString(),
          key.expiresAt(),
          key.renewableUntil(),
          key.lastUsedAt(),
          reminders.stream()
              .map(reminder -> IsoDuration.format(reminder.offset()))
              .collect(Collectors.joining(" ")));
    }
  }

  /**
   * Answers the request. The mapping names no media type: otherwise the path would be mistaken for
   * the id of a key.
   */
  @GetMapping("/v1/keys/expiring.csv")
  @Needs("keys:read")
  void expiring(ApiCall call, HttpServletRequest request, HttpServletResponse answer)
      throws HttpMediaTypeNotAcceptableException {
    requireAccepted(request);
    var _ = call.allowQuery(ListCall.REPEATABLE, "within", "owner");
    Duration within = call.query("within", IsoDuration::parse);
    List<Owner> owners = call.queryValues("owner", ListCall::ownerOf);
    Caller caller = call.caller(watch::await);
    if (!turns.tryTake(caller.workspace())) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED,
          "This node writes as many tables at once as it can, or as one workspace may have.");
    }
    try {
      Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
      var keys = new Keys(caller.workspace(), owners, now, DirectoryController.end(now, within));
      Page<KeyView, ExpiringCursor> first = ListAnswers.ask(() -> keys.after(null));
      answer.setContentType(CONTENT_TYPE);
      answer.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"expiring.csv\"");
      answer.setHeader(KeyAnswers.POSITION_HEADER, tokens.issue(first.position()));
      write(keys, first, answer);
    } finally {
      turns.leave(caller.workspace());
    }
  }

  private static void requireAccepted(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    List<MediaType> accepted =
        MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)));
    if (!accepted.isEmpty() && accepted.stream().noneMatch(TYPE::isCompatibleWith)) {
      throw new HttpMediaTypeNotAcceptableException(List.of(TYPE));
    }
  }

  /** The rows of one request. */
  private final class Keys {
    private final String workspace;
    private final List<Owner> owners;
    private final Instant now;
    private final Instant until;

    Keys(String workspace, List<Owner> owners, Instant now, Instant until) {
      this.workspace = workspace;
      this.owners = owners;
      this.now = now;
      this.until = until;
    }

    Page<KeyView, ExpiringCursor> after(@Nullable ExpiringCursor place) {
      return directory.expiring(workspace, owners, now, until, false, place, KEYS_READ_AT_ONCE);
    }
  }

  private void write(Keys keys, Page<KeyView, ExpiringCursor> first, HttpServletResponse answer) {
    try (SequenceWriter rows = CSV.writer(COLUMNS).writeValues(answer.getOutputStream())) {
      int written = 0;
      Page<KeyView, ExpiringCursor> page = first;
      while (true) {
        Map<KeyId, LastUse> used = directory.lastUses(page.entries());
        Map<KeyId, List<SentReminder>> sent = directory.remindersSent(page.entries());
        for (KeyView key : page.entries()) {
          rows.write(
              Row.of(
                  key, keys.now, used.get(key.keyId()), sent.getOrDefault(key.keyId(), List.of())));
        }
        written += page.entries().size();
        if (page.next() == null || written >= KEYS_MAX) {
          return;
        }
        page = keys.after(page.next());
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("A table of expiring keys was cut short: {}", e.getMessage());
      throw new AnswerCutShortException();
    }
  }

  /** Returns the text as a spreadsheet shows it, instead of evaluating it. */
  static String harmless(String text) {
    return !text.isEmpty() && FORMULA_STARTS.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
  }
}
