package dev.keyledger.checking.http;

import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.http.FieldError;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.StrictJson;
import dev.keyledger.pointintime.http.RequestedPoint;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads checks token by token. A value that cannot be parsed ends the reading. Values outside their
 * limits are collected, because only an authorized caller sees them.
 */
final class CheckReader {
  /**
   * The pattern of unknown names that an answer may show. Any other name could be a misplaced
   * secret.
   */
  private static final Pattern REPEATABLE_NAME = Pattern.compile("[A-Za-z][A-Za-z_]{0,31}");

  private final JsonParser parser;
  private final List<FieldError> errors = new ArrayList<>();

  private CheckReader(JsonParser parser) {
    this.parser = parser;
  }

  private static final byte[] EXPLAIN = "explain".getBytes(StandardCharsets.US_ASCII);

  /**
   * Returns whether a body may ask for an explanation; true for every body that does. A backslash
   * suffices, because a name can be written with escapes.
   */
  static boolean mayExplain(byte[] body) {
    for (int i = 0; i < body.length; i++) {
      byte b = body[i];
      if (b == '\\' || (b == EXPLAIN[0] && isAt(body, i, EXPLAIN))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAt(byte[] body, int from, byte[] text) {
    return body.length - from >= text.length
        && Arrays.equals(body, from, from + text.length, text, 0, text.length);
  }

  /** Returns the check in a body. */
  static CheckRequest.Body one(byte[] body) {
    return StrictJson.read(
        body,
        parser -> {
          var reader = new CheckReader(parser);
          CheckRequest check = reader.new CheckFields().read();
          return CheckRequest.Body.of(check, reader.errors);
        });
  }

  /** Returns the checks in the body of a batch. */
  static CheckRequest.Body batch(byte[] body) {
    return StrictJson.read(
        body,
        parser -> {
          var reader = new CheckReader(parser);
          return new CheckRequest.Body(reader.entries(), reader.errors);
        });
  }

  /** Returns the check at a point in the past in a body. */
  static PastCheckRequest past(byte[] body) {
    return StrictJson.read(
        body,
        parser -> {
          var reader = new CheckReader(parser);
          var fields = reader.new PastFields();
          CheckRequest check = fields.read();
          return new PastCheckRequest(
              CheckRequest.Body.of(check, reader.errors),
              fields.keyId,
              fields.time,
              fields.position);
        });
  }

  private List<CheckRequest.Entry> entries() {
    var entries = new ArrayList<CheckRequest.Entry>();
    object(
        "body",
        name -> {
          if (!name.equals("checks")) {
            throw unknown("", name);
          }
          array(name, _ -> entries.add(entry()));
        });
    if (entries.isEmpty() || entries.size() > CheckRequest.BATCH_MAX) {
      errors.add(new FieldError("checks", "must have 1 to " + CheckRequest.BATCH_MAX + " entries"));
    }
    if (permissions(entries, _ -> true) > CheckRequest.BATCH_PERMISSIONS_MAX) {
      errors.add(
          new FieldError(
              "checks",
              "must require at most "
                  + CheckRequest.BATCH_PERMISSIONS_MAX
                  + " permissions in all"));
    }
    if (permissions(entries, CheckRequest::explain) > CheckRequest.EXPLAINED_PERMISSIONS_MAX) {
      errors.add(
          new FieldError(
              "checks",
              "must require at most "
                  + CheckRequest.EXPLAINED_PERMISSIONS_MAX
                  + " permissions where explain is true"));
    }
    return entries;
  }

  /** Reads one entry of a batch to its end, whatever its errors. */
  private CheckRequest.Entry entry() {
    boolean isNested = parser.currentToken().isStructStart();
    int outside = parser.streamReadContext().getNestingDepth() - (isNested ? 1 : 0);
    try {
      var reader = new CheckReader(parser);
      CheckRequest check = reader.new CheckFields().read();
      return reader.errors.isEmpty()
          ? new CheckRequest.Entry(check, null)
          : new CheckRequest.Entry(null, CheckRequest.outsideLimits(reader.errors));
    } catch (ProblemException unreadable) {
      while (parser.streamReadContext().getNestingDepth() > outside) {
        parser.nextToken();
      }
      return new CheckRequest.Entry(null, unreadable);
    }
  }

  private static int permissions(
      List<CheckRequest.Entry> entries, Predicate<CheckRequest> counted) {
    return entries.stream()
        .map(CheckRequest.Entry::check)
        .filter(Objects::nonNull)
        .filter(counted)
        .mapToInt(check -> check.anyOf().size() + check.allOf().size())
        .sum();
  }

  /** The fields of one check, as far as they are read. */
  private class CheckFields {
    @Nullable KeySecret key;
    private List<Permission> anyOf = List.of();
    private List<Permission> allOf = List.of();
    private @Nullable String ip;
    private Set<Environment> environments = Check.LIVE_ONLY;
    private boolean explain;
    private boolean cacheable;
    private @Nullable Duration maxAge;
    private @Nullable String workspace;

    CheckRequest read() {
      object("check", this::readField);
      validate();
      return new CheckRequest(
          key, anyOf, allOf, ip, environments, explain, cacheable, maxAge, workspace);
    }

    /** Checks the fields together, after all of them are read. */
    void validate() {
      if (key == null) {
        errors.add(new FieldError("key", "is required"));
      }
    }

    void readField(String name) {
      switch (name) {
        case "key" -> key = KeySecret.of(text(name));
        case "permissions" -> object(name, this::readPermissions);
        case "ip" -> ip = parsed(name, CheckSyntax::address);
        case "environment" -> environments = parsed(name, CheckSyntax::environments);
        case "explain" -> explain = bool(name);
        case "cacheable" -> cacheable = bool(name);
        case "maxAge" -> maxAge = maxAge(name);
        case "workspace" -> workspace = text(name);
        default -> throw unknown("", name);
      }
    }

    private void readPermissions(String name) {
      String path = "permissions." + name;
      switch (name) {
        case "anyOf" -> anyOf = permissions(path);
        case "allOf" -> allOf = permissions(path);
        default -> throw unknown("permissions.", name);
      }
    }
  }

  /** The fields of a check at a point in the past, whose answer is neither stale nor cached. */
  private final class PastFields extends CheckFields {
    private @Nullable KeyId keyId;
    private @Nullable Instant time;
    private @Nullable Long position;

    @Override
    void readField(String name) {
      switch (name) {
        case "keyId" -> keyId = parsed(name, KeyId::new);
        case RequestedPoint.TIME -> time = parsed(name, Rfc3339::parse);
        case RequestedPoint.POSITION -> position = position(name);
        case "cacheable", "maxAge" -> throw unknown("", name);
        default -> super.readField(name);
      }
    }

    @Override
    void validate() {
      requireEither("key", key, "keyId", keyId);
      requireEither(RequestedPoint.TIME, time, RequestedPoint.POSITION, position);
      if (keyId != null) {
        key = KeySecret.of(keyId.value());
      }
    }

    private void requireEither(
        String one, @Nullable Object given, String other, @Nullable Object otherGiven) {
      if (given == null && otherGiven == null) {
        errors.add(new FieldError(one, "or " + other + " is required"));
      } else if (given != null && otherGiven != null) {
        errors.add(new FieldError(one, "and " + other + " must not both be given"));
      }
    }
  }

  private List<Permission> permissions(String path) {
    var permissions = new ArrayList<Permission>();
    array(path, entry -> permissions.add(parsed(entry, CheckSyntax::permission)));
    if (permissions.size() > CheckRequest.PERMISSIONS_MAX) {
      errors.add(
          new FieldError(path, "must have at most " + CheckRequest.PERMISSIONS_MAX + " entries"));
    }
    return permissions;
  }

  private Duration maxAge(String path) {
    Duration maxAge = parsed(path, IsoDuration::parse);
    if (maxAge.compareTo(FreshVerifier.AGE_MAX) > 0) {
      errors.add(new FieldError(path, "must be at most " + FreshVerifier.AGE_MAX));
    }
    return maxAge;
  }

  /** Reads the fields of an object. A field that is null counts as absent, whatever its name. */
  private void object(String path, Consumer<String> readField) {
    require(JsonToken.START_OBJECT, path, "must be an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        readField.accept(name);
      }
    }
  }

  private void array(String path, Consumer<String> readEntry) {
    require(JsonToken.START_ARRAY, path, "must be a list");
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      readEntry.accept(path + "[" + i + "]");
    }
  }

  private <T> T parsed(String path, Function<String, T> parse) {
    String text = text(path);
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable(path, String.valueOf(wrong.getMessage()));
    }
  }

  private String text(String path) {
    require(JsonToken.VALUE_STRING, path, "must be a string");
    return parser.getString();
  }

  private long position(String path) {
    require(JsonToken.VALUE_NUMBER_INT, path, "must be a number, 1 or more");
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER || parser.getLongValue() < 1) {
      throw ProblemException.unreadable(path, "must be a number, 1 or more");
    }
    return parser.getLongValue();
  }

  private boolean bool(String path) {
    if (parser.currentToken() != JsonToken.VALUE_TRUE) {
      require(JsonToken.VALUE_FALSE, path, "must be true or false");
    }
    return parser.currentToken() == JsonToken.VALUE_TRUE;
  }

  private void require(JsonToken expected, String path, String message) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      throw ProblemException.unreadable(path, "must not be null; leave it out");
    }
    if (parser.currentToken() != expected) {
      throw ProblemException.unreadable(path, message);
    }
  }

  private static ProblemException unknown(String prefix, String name) {
    String shown = REPEATABLE_NAME.matcher(name).matches() ? name : "(a field)";
    return ProblemException.unreadable(prefix + shown, "is not known here");
  }
}
