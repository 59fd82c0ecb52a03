package dev.keyledger.directory;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.keyledger.events.Digest;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Secrets;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.StdConverter;

/**
 * The serialized view of a key in the directory: JSON, equal for equal views. The format is
 * internal to this version: if it changes, a migration empties the directory.
 *
 * @see StoredKeyTest
 */
final class StoredKey {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addMixIn(KeyState.Issued.class, StateForm.class)
          .addMixIn(Secrets.class, SecretsForm.class)
          .addMixIn(Digest.class, DigestForm.class)
          .addMixIn(KeyId.class, KeyIdForm.class)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private StoredKey() {}

  static byte[] write(KeyView key) {
    return JSON.writeValueAsBytes(key);
  }

  /**
   * @throws tools.jackson.core.JacksonException if another version wrote another format
   */
  static KeyView read(byte[] bytes) {
    return JSON.readValue(bytes, KeyView.class);
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = KeyState.Active.class, name = "active"),
    @JsonSubTypes.Type(value = KeyState.Suspended.class, name = "suspended"),
    @JsonSubTypes.Type(value = KeyState.Revoked.class, name = "revoked")
  })
  private interface StateForm {}

  @SuppressWarnings("UnusedMethod") // used by Jackson
  private interface SecretsForm {
    @JsonSerialize(converter = Sorted.class)
    Set<Integer> leaked();
  }

  /** Sorts the numbers, because immutable sets have another order in each process. */
  private static final class Sorted extends StdConverter<Set<Integer>, List<Integer>> {
    @Override
    public List<Integer> convert(Set<Integer> numbers) {
      return numbers.stream().sorted().toList();
    }
  }

  private abstract static class DigestForm {
    @JsonCreator
    static Digest parse(String hex) {
      return Digest.parse(hex);
    }

    @JsonValue
    @Override
    public abstract String toString();
  }

  @SuppressWarnings("UnusedVariable") // used by Jackson
  private abstract static class KeyIdForm {
    @JsonCreator
    KeyIdForm(String value) {}

    @JsonValue
    @Override
    public abstract String toString();
  }
}
