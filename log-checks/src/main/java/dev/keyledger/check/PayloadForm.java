package dev.keyledger.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of the payload of an event, as its golden files show them: a field that one of them
 * lacks may be absent. The code that writes the log is not asked, for the check must not share its
 * errors.
 */
record PayloadForm(Set<String> required, Set<String> optional) {
  /** The ends of the names of golden files: those of a version need not have all of them. */
  private static final List<String> VARIANTS =
      List.of("", ".minimal", ".key", ".revoked", ".waiting");

  private static final Pattern TYPE = Pattern.compile("[A-Za-z]+");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Map<String, PayloadForm> FORMS = new ConcurrentHashMap<>();

  /** Returns the form of a version of a type; empty if there is no such event. */
  static Optional<PayloadForm> of(String type, int version) {
    return TYPE.matcher(type).matches()
        ? Optional.ofNullable(FORMS.computeIfAbsent(type + version, _ -> read(type, version)))
        : Optional.empty();
  }

  private static @Nullable PayloadForm read(String type, int version) {
    TreeSet<String> required = null;
    var all = new TreeSet<String>();
    for (String variant : VARIANTS) {
      Set<String> fields =
          fieldsOf("/dev/keyledger/events/golden/%s.v%d%s.json".formatted(type, version, variant));
      if (fields != null) {
        all.addAll(fields);
        if (required == null) {
          required = new TreeSet<>(fields);
        }
        required.retainAll(fields);
      }
    }
    if (required == null) {
      return null;
    }
    all.removeAll(required);
    return new PayloadForm(required, all);
  }

  /** Returns null if there is no such file. */
  private static @Nullable Set<String> fieldsOf(String file) {
    try (InputStream golden = PayloadForm.class.getResourceAsStream(file)) {
      return golden == null ? null : Set.copyOf(JSON.readTree(golden).propertyNames());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the error of a payload's fields; empty if they are valid. */
  Optional<String> fault(JsonNode payload) {
    if (!payload.isObject()) {
      return Optional.of("it is no object");
    }
    var missing = new TreeSet<>(required);
    var unknown = new TreeSet<String>();
    payload
        .propertyNames()
        .forEach(field -> {
          missing.remove(field);
          if (!required.contains(field) && !optional.contains(field)) {
            unknown.add(field);
          }
        });
    return missing.isEmpty() && unknown.isEmpty()
        ? Optional.empty()
        : Optional.of("it lacks %s and has %s too many".formatted(missing, unknown));
  }
}
