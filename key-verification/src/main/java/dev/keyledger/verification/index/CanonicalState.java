package dev.keyledger.verification.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Sha256;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 over values in a form that depends only on their content: records component by component,
 * sets and maps sorted by the text of their elements and keys.
 *
 * <p>Records are traversed by reflection, so that no new field is forgotten. {@code toString} is
 * not suitable, because immutable sets have another order in each process.
 */
final class CanonicalState {
  /**
   * Caches the components: querying a class costs a hundred times as much as reading a component.
   */
  private static final ClassValue<RecordComponent[]> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
          return type.getRecordComponents();
        }
      };

  private final MessageDigest sha256 = Sha256.begin();

  void add(@Nullable Object value) {
    switch (value) {
      case null -> sha256.update((byte) -1); // no length of a token starts with this byte
      case Record fields -> {
        token(fields.getClass().getSimpleName());
        for (RecordComponent component : COMPONENTS.get(fields.getClass())) {
          token(component.getName());
          add(read(component, fields));
        }
      }
      case Set<?> elements -> addAll(elements.stream().map(Object::toString).sorted().toList());
      case List<?> elements -> addAll(elements);
      case Map<?, ?> entries -> {
        var sorted = new TreeMap<String, @Nullable Object>();
        entries.forEach((key, content) -> sorted.put(key.toString(), content));
        addAll(sorted.keySet());
        addAll(sorted.values());
      }
      default -> token(value.toString());
    }
  }

  Digest sha256() {
    return Digest.of(sha256.digest());
  }

  static Digest sha256Of(@Nullable Object... values) {
    var state = new CanonicalState();
    for (Object value : values) {
      state.add(value);
    }
    return state.sha256();
  }

  private void addAll(Collection<?> elements) {
    token(Integer.toString(elements.size()));
    elements.forEach(this::add);
  }

  private void token(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    sha256.update(bytes);
  }

  private static @Nullable Object read(RecordComponent component, Record fields) {
    try {
      return component.getAccessor().invoke(fields);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
